/* The load generator: one thread, one epoll, as many WebSockets as asked for. main.c says what it can be told. */
#ifndef LOAD_H
#define LOAD_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum state { CONNECTING, UPGRADING, GREETING, READY, CLOSED };

struct buffer {
    char *data;
    size_t length, capacity;
};

struct sock {
    int fd, index, answers, code;
    enum state state;
    bool is_frozen, wants_write;
    int64_t last;          /* number of the last event, -1 before the first */
    uint64_t events;
    struct buffer in, out; /* half a frame; what the kernel did not take */
};

/* What `open` was told, and what all sockets have seen together. */
struct load {
    struct sock *socks;
    int count, topics, stalled, at_once, answers;
    int port, ready, dead, failed;
    bool is_socketio, is_measuring;
    char **tokens;
    int token_count;
    char path[512], protocol[64], first[2048], answer[128], ping[256];
    int pids[32], pid_count;
    uint64_t received, lost, doubled;
};

extern struct load load;
extern int epoll;

/* clock.c */
uint64_t now(void);                      /* CLOCK_MONOTONIC in ns: the clock of every server here */
uint64_t cpu_of(const int *pids, int n); /* CPU of processes, all threads, living and ended, in ns */
uint64_t own_cpu(void);
void histogram_clear(void);
void histogram_add(uint64_t ns);
double histogram_at(double share);       /* ms */
double histogram_max(void);

/* buffer.c */
void append(struct buffer *buffer, const void *data, size_t length);
void consume(struct buffer *buffer, size_t length);
void fill(char *to, size_t size, const char *template, int topic, int index); /* %t, %i */

/* sockets.c */
void open_sock(int index);
void say(struct sock *sock, const char *text);
void freeze(struct sock *sock, bool is_frozen);
int turn(int ms, bool with_input); /* one round of epoll; 1 when a line waits on standard input */
void watch_input(void);
void close_all(void);

/* frames.c */
void take_bytes(struct sock *sock, const char *data, size_t length);
void write_frame(struct sock *sock, int kind, const char *data, size_t length);
void flush_out(struct sock *sock);
void drop(struct sock *sock);

/* control.c: how a server is told to send */
void control_open(int port, bool is_http);
void control_send(char verb, int topic, int count, int size);
bool control_is_behind(void);
void control_readable(void);
void control_writable(void);
bool control_line(char *to, size_t size); /* the next line that the server answered */
extern struct sock control;

/* tasks.c */
struct task {
    char verb;
    int window, burst, size, samples, expect, topic;
    double rate, seconds, warm;
    const char *frame;
};
void flood(const struct task *task);
void time_each(const struct task *task);
void say_all(const struct task *task);
void idle(const struct task *task);
void ask_once(const struct task *task);
void stall(bool is_frozen);

#endif
