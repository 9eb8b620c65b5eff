/* Reads commands on standard input, one a line as "name key=value …" without spaces in values, and answers each with a line of JSON.
 *
 *   open   port= n= path= [topics= at_once= protocol= tokens=FILE people= first=FRAME|FRAME answer= answers= ping= stalled=
 *          socketio=1 control=PORT http=1 pids=1,2]      %t in path, first and frame is the topic, %i the socket
 *   flood  verb= (window= | rate=) seconds= warm= [burst= size= topic= pids=]
 *   time   verb= samples= [size=]
 *   say    frame= expect=
 *   ask    verb= [topic= burst= size=]                    what the server answers, where it answers
 *   idle   seconds=
 *   freeze, thaw, close
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static char *values[64], *keys[64];
static int pairs;

static const char *text(const char *key, const char *otherwise)
{
    for (int i = 0; i < pairs; i++)
        if (strcmp(keys[i], key) == 0)
            return values[i];
    return otherwise;
}

static double figure(const char *key, double otherwise)
{
    const char *found = text(key, NULL);
    return found ? atof(found) : otherwise;
}

static void copy(char *to, size_t size, const char *key, const char *otherwise)
{
    const char *from = text(key, otherwise);
    if (strlen(from) >= size) {
        fprintf(stderr, "%s is too long\n", key);
        exit(2);
    }
    strcpy(to, from);
}

static char *parse(char *line)
{
    char *rest = NULL, *name = strtok_r(line, " \n", &rest);
    pairs = 0;
    for (char *one; pairs < 64 && (one = strtok_r(NULL, " \n", &rest));) {
        char *mark = strchr(one, '=');
        if (!mark)
            continue;
        *mark = 0;
        keys[pairs] = one;
        values[pairs++] = mark + 1;
    }
    return name;
}

static void read_pids(void)
{
    char list[512], *rest = NULL;
    if (!text("pids", NULL))
        return;
    copy(list, sizeof list, "pids", "");
    load.pid_count = 0;
    for (char *one = strtok_r(list, ",", &rest); one && load.pid_count < 32; one = strtok_r(NULL, ",", &rest))
        load.pids[load.pid_count++] = atoi(one);
}

static void read_tokens(const char *name)
{
    char line[4096];
    FILE *file = name ? fopen(name, "r") : NULL;
    if (!file)
        return;
    load.tokens = calloc((size_t)load.count, sizeof *load.tokens);
    int people = (int)figure("people", load.count);
    while (load.token_count < load.count && load.token_count < people && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        load.tokens[load.token_count++] = strdup(line);
    }
    fclose(file);
}

static void open_all(void)
{
    load.count = (int)figure("n", 1);
    load.topics = (int)figure("topics", 1);
    load.stalled = (int)figure("stalled", 0);
    load.at_once = (int)figure("at_once", 100);
    load.port = (int)figure("port", 0);
    load.is_socketio = figure("socketio", 0) > 0;
    copy(load.path, sizeof load.path, "path", "/");
    copy(load.protocol, sizeof load.protocol, "protocol", "");
    copy(load.first, sizeof load.first, "first", "");
    copy(load.answer, sizeof load.answer, "answer", "");
    load.answers = (int)figure("answers", load.answer[0] ? 1 : 0);
    copy(load.ping, sizeof load.ping, "ping", "");
    read_tokens(text("tokens", NULL));
    load.socks = calloc((size_t)load.count, sizeof *load.socks);
    control_open((int)figure("control", 0), figure("http", 0) > 0);
    uint64_t started = now(), cpu = cpu_of(load.pids, load.pid_count), limit = started + 300000000000u;
    for (int next = 0; load.ready + load.dead < load.count && now() < limit;) {
        while (next < load.count && next - load.ready - load.dead < load.at_once)
            open_sock(next++);
        turn(20, false);
    }
    printf("{\"sockets\":%d,\"failed\":%d,\"seconds\":%.6f,\"cpu\":%.6f}\n", load.ready, load.failed,
           (double)(now() - started) / 1e9, (double)(cpu_of(load.pids, load.pid_count) - cpu) / 1e9);
}

static bool carry_out(const char *name)
{
    struct task task = {.verb = text("verb", "b")[0],
                        .window = (int)figure("window", 1),
                        .burst = (int)figure("burst", 1),
                        .size = (int)figure("size", 64),
                        .samples = (int)figure("samples", 1),
                        .topic = (int)figure("topic", 0),
                        .expect = (int)figure("expect", 1),
                        .rate = figure("rate", 0),
                        .seconds = figure("seconds", 1),
                        .warm = figure("warm", 0.3),
                        .frame = text("frame", "")};
    read_pids();
    if (strcmp(name, "open") == 0)
        open_all();
    else if (strcmp(name, "flood") == 0)
        flood(&task);
    else if (strcmp(name, "time") == 0)
        time_each(&task);
    else if (strcmp(name, "say") == 0)
        say_all(&task);
    else if (strcmp(name, "idle") == 0)
        idle(&task);
    else if (strcmp(name, "ask") == 0)
        ask_once(&task);
    else if (strcmp(name, "freeze") == 0 || strcmp(name, "thaw") == 0)
        stall(name[0] == 'f');
    else if (strcmp(name, "close") == 0) {
        close_all();
        printf("{}\n");
    } else
        return false;
    fflush(stdout);
    return true;
}

/* The next line, while sockets go on answering pings; NULL at the end of the input. */
static char *next_line(void)
{
    static char line[16384];
    while (!turn(100, true))
        ;
    return fgets(line, sizeof line, stdin);
}

int main(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    setvbuf(stdin, NULL, _IONBF, 0);
    epoll = epoll_create1(0);
    watch_input();
    for (char *line; (line = next_line());) {
        char *name = parse(line);
        if (name && !carry_out(name)) {
            fprintf(stderr, "no such command: %s\n", name);
            return 2;
        }
    }
    return 0;
}
