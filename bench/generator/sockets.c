/* Opening sockets and the one place that waits for them. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PING_EVERY 15000000000u

struct load load;
int epoll = -1;
static char received[1 << 18];

void open_sock(int index)
{
    struct sock *sock = &load.socks[index];
    int one = 1, small = 4096;
    *sock = (struct sock){.index = index, .last = -1, .wants_write = true};
    sock->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (sock->fd < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(sock->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(sock->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (index >= load.count - load.stalled)
        setsockopt(sock->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    /* One address has too few ports for very many sockets. */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)index / 8000)};
    if (bind(sock->fd, (struct sockaddr *)&address, sizeof address) != 0)
        perror("bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)load.port);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = sock};
    epoll_ctl(epoll, EPOLL_CTL_ADD, sock->fd, &event);
    if (connect(sock->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        drop(sock);
}

static void upgrade(struct sock *sock)
{
    char path[512], head[8192], protocols[4096] = "";
    fill(path, sizeof path, load.path, sock->index % load.topics, sock->index);
    if (load.token_count)
        snprintf(protocols, sizeof protocols, "Sec-WebSocket-Protocol: %s, bearer.%s\r\n", load.protocol,
                 load.tokens[sock->index % load.token_count]);
    int length = snprintf(head, sizeof head,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IhIQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\n%s\r\n",
                          path, load.port, load.port, protocols);
    sock->state = UPGRADING;
    append(&sock->out, head, (size_t)length);
    flush_out(sock);
}

static void connected(struct sock *sock)
{
    int fault = 0;
    socklen_t size = sizeof fault;
    getsockopt(sock->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
    if (fault) {
        if (load.failed < 3)
            fprintf(stderr, "connect: %s\n", strerror(fault));
        drop(sock);
    } else
        upgrade(sock);
}

static void serve(struct sock *sock, uint32_t events)
{
    if (sock->state == CLOSED)
        return;
    if (sock->state == CONNECTING) {
        connected(sock);
        return;
    }
    if (events & EPOLLOUT)
        flush_out(sock);
    if (sock->state == CLOSED || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    ssize_t length = recv(sock->fd, received, sizeof received, 0);
    if (length > 0)
        take_bytes(sock, received, (size_t)length);
    else if (length == 0 || errno != EAGAIN)
        drop(sock);
}

void say(struct sock *sock, const char *text)
{
    char frame[2048];
    fill(frame, sizeof frame, text, sock->index % load.topics, sock->index);
    write_frame(sock, 1, frame, strlen(frame));
}

/* Each socket says that it is still there, one after the other, all of them within PING_EVERY. */
static void ping_some(void)
{
    static uint64_t due;
    static int next;
    uint64_t at = now();
    if (!load.ping[0] || !load.ready || at < due)
        return;
    if (due && at - due > PING_EVERY)
        due = at;
    for (due = due ? due : at; due <= at; due += PING_EVERY / (uint64_t)load.count) {
        struct sock *sock = &load.socks[next++ % load.count];
        if (sock->state == READY)
            say(sock, load.ping);
    }
}

void freeze(struct sock *sock, bool is_frozen)
{
    if (sock->state == CLOSED)
        return;
    sock->is_frozen = is_frozen;
    struct epoll_event event = {.events = is_frozen ? 0 : EPOLLIN, .data.ptr = sock};
    epoll_ctl(epoll, EPOLL_CTL_MOD, sock->fd, &event);
}

int turn(int ms, bool with_input)
{
    static struct epoll_event ready[1024];
    bool has_line = false;
    int count = epoll_wait(epoll, ready, 1024, ms);
    for (int i = 0; i < count; i++) {
        struct sock *sock = ready[i].data.ptr;
        if (!sock)
            has_line = true;
        else if (sock == &control) {
            if (ready[i].events & EPOLLOUT)
                control_writable();
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                control_readable();
        } else
            serve(sock, ready[i].events);
    }
    ping_some();
    return with_input && has_line;
}

void watch_input(void)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
}

void close_all(void)
{
    for (int i = 0; i < load.count; i++)
        drop(&load.socks[i]);
    free(load.socks);
    for (int i = 0; i < load.token_count; i++)
        free(load.tokens[i]);
    free(load.tokens);
    load = (struct load){0};
}
