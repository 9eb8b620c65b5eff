/* The limit of one send() a delivery: a bare epoll loop that knows just enough WebSocket to be measured.
 *
 *   limit PORT CONTROL      sockets on /?t=TOPIC; a line "verb topic count size" on CONTROL sends so many events to a topic
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TOPICS 20000

enum kind { LISTENER, CONTROLS, CONTROL, CLIENT };

struct peer {
    enum kind kind;
    int fd, topic;
    size_t length;
    char rest[256]; /* a line of a control connection that is not whole */
};

struct topic {
    struct peer **members;
    int count, capacity;
    uint32_t next;
};

static struct topic topics[TOPICS];
static int epoll;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static struct peer *watch(int fd, enum kind kind)
{
    struct peer *peer = calloc(1, sizeof *peer);
    *peer = (struct peer){.kind = kind, .fd = fd, .topic = -1};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
    return peer;
}

static void listen_on(int port, enum kind kind)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4096) != 0)
        fail("listen");
    watch(fd, kind);
}

static void accept_all(const struct peer *listener)
{
    int one = 1;
    for (int fd; (fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(fd, listener->kind == LISTENER ? CLIENT : CONTROL);
    }
}

static void leave(struct peer *peer)
{
    if (peer->topic >= 0) {
        struct topic *topic = &topics[peer->topic];
        for (int i = 0; i < topic->count; i++)
            if (topic->members[i] == peer) {
                topic->members[i] = topic->members[--topic->count];
                break;
            }
    }
    close(peer->fd);
    free(peer);
}

static void join(struct peer *peer, int number)
{
    struct topic *topic = &topics[number % TOPICS];
    if (topic->count == topic->capacity) {
        topic->capacity = topic->capacity * 2 + 4;
        topic->members = realloc(topic->members, (size_t)topic->capacity * sizeof *topic->members);
    }
    topic->members[topic->count++] = peer;
    peer->topic = number % TOPICS;
}

static void upgrade(struct peer *peer, char *head, size_t length)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    head[length] = 0;
    const char *topic = strstr(head, "t=");
    join(peer, topic ? atoi(topic + 2) : 0);
    send(peer->fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
}

static size_t frame_of(char *frame, int number, int size)
{
    static char body[16384];
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    uint64_t ns = (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
    size_t length = (size_t)snprintf(body, sizeof body, "{\"type\":\"bench.tick\",\"topic\":\"bench:%d\",\"data\":{\"ts\":%llu,\"n\":%u,\"text\":\"",
                                     number, (unsigned long long)ns, topics[number].next++);
    memset(body + length, 'x', (size_t)size);
    length += (size_t)size;
    memcpy(body + length, "\"}}", 3);
    length += 3;
    size_t head = length < 126 ? 2 : 4;
    frame[0] = (char)0x81;
    frame[1] = (char)(length < 126 ? length : 126);
    if (head == 4) {
        frame[2] = (char)(length >> 8);
        frame[3] = (char)length;
    }
    memcpy(frame + head, body, length);
    return head + length;
}

static void carry_out(const char *line)
{
    static char frame[16384];
    char verb;
    int number = 0, count = 1, size = 64;
    if (sscanf(line, "%c %d %d %d", &verb, &number, &count, &size) < 2 || size > 8000)
        return;
    number %= TOPICS;
    for (int i = 0; i < count; i++) {
        size_t length = frame_of(frame, number, size);
        for (int j = 0; j < topics[number].count; j++)
            send(topics[number].members[j]->fd, frame, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

/* Carry out whole lines; keep the rest for the next time. */
static void take_lines(struct peer *peer, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] != '\n' && peer->length < sizeof peer->rest - 1) {
            peer->rest[peer->length++] = data[i];
            continue;
        }
        peer->rest[peer->length] = 0;
        peer->length = 0;
        carry_out(peer->rest);
    }
}

static void serve(struct peer *peer)
{
    static char data[1 << 16];
    ssize_t length = recv(peer->fd, data, sizeof data - 1, 0);
    if (length <= 0)
        leave(peer);
    else if (peer->kind == CONTROL)
        take_lines(peer, data, (size_t)length);
    else if (peer->topic < 0)
        upgrade(peer, data, (size_t)length);
}

int main(int count, char **arguments)
{
    struct epoll_event ready[512];
    struct rlimit files;
    if (count != 3) {
        fprintf(stderr, "usage: limit PORT CONTROL\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    epoll = epoll_create1(0);
    listen_on(atoi(arguments[1]), LISTENER);
    listen_on(atoi(arguments[2]), CONTROLS);
    for (;;) {
        int events = epoll_wait(epoll, ready, 512, -1);
        for (int i = 0; i < events; i++) {
            struct peer *peer = ready[i].data.ptr;
            if (peer->kind <= CONTROLS)
                accept_all(peer);
            else
                serve(peer);
        }
    }
}
