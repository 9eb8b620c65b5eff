/* What is measured; each task prints one line of JSON. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000u
#define PATIENCE (8ull * SECOND)

struct reading {
    uint64_t at, deliveries, cpu, own;
};

static uint64_t asked; /* deliveries that should come of what was asked for in this task */
static uint64_t forgiven, base;

static struct reading read_all(void)
{
    return (struct reading){now(), load.received, cpu_of(load.pids, load.pid_count), own_cpu()};
}

/* Sockets that read and get the same event. */
static uint64_t fan(void)
{
    int frozen = 0;
    for (int i = load.count - load.stalled; i < load.count; i++)
        frozen += load.socks[i].is_frozen || load.socks[i].state == CLOSED;
    return (uint64_t)(load.count - frozen) / (uint64_t)load.topics;
}

static void ask(const struct task *task, uint64_t each)
{
    static uint64_t turns;
    control_send(task->verb, task->topic + (int)(turns++ % (uint64_t)load.topics), task->burst, task->size);
    asked += each * (uint64_t)task->burst;
}

static uint64_t missing(void)
{
    uint64_t come = load.received - base + forgiven;
    return asked > come ? asked - come : 0;
}

/* Wait for what is still under way; what does not come counts as lost. */
static void settle(void)
{
    uint64_t last = load.received, since = now();
    while (missing() && now() - since < PATIENCE) {
        turn(20, false);
        if (load.received != last) {
            last = load.received;
            since = now();
        }
    }
    load.lost += missing();
}

static void keep_asking(const struct task *task, uint64_t each, uint64_t *due)
{
    if (control_is_behind())
        return;
    if (task->rate > 0) {
        for (uint64_t at = now(); *due <= at; *due += (uint64_t)(SECOND / task->rate))
            ask(task, each);
        return;
    }
    while (missing() <= (uint64_t)(task->window - 1) * (uint64_t)task->burst * each)
        ask(task, each);
}

/* Run until the deadline and then until an event, or a burst, has come everywhere: half of one is no measure. */
static void run_until(const struct task *task, uint64_t each, uint64_t deadline, uint64_t *due)
{
    uint64_t last = load.received, since = now(), whole = 0, unit = each * (uint64_t)task->burst;
    while (!whole || load.received < whole) {
        keep_asking(task, each, due);
        turn(task->rate > 0 ? 1 : 20, false);
        uint64_t at = now();
        if (load.received != last) {
            last = load.received;
            since = at;
        } else if (at - since > PATIENCE && task->rate == 0) {
            forgiven += missing();
            load.lost += missing();
            since = at;
        }
        if (!whole && at >= deadline)
            whole = task->rate > 0 ? 1 : base + ((load.received - base) / unit + 1) * unit;
        if (at > deadline + 3 * PATIENCE)
            break;
    }
}

static void print_reading(const struct reading *from, const struct reading *to)
{
    printf("{\"deliveries\":%llu,\"wall\":%.6f,\"cpu\":%.6f,\"own_cpu\":%.6f,\"p50\":%.4f,\"p99\":%.4f,\"max\":%.4f,"
           "\"lost\":%llu,\"doubled\":%llu,\"closed\":%d}\n",
           (unsigned long long)(to->deliveries - from->deliveries), (double)(to->at - from->at) / SECOND,
           (double)(to->cpu - from->cpu) / SECOND, (double)(to->own - from->own) / SECOND, histogram_at(0.5),
           histogram_at(0.99), histogram_max(), (unsigned long long)load.lost, (unsigned long long)load.doubled, load.dead);
}

static void begin(void)
{
    asked = forgiven = 0;
    base = load.received;
    load.lost = load.doubled = 0;
}

void flood(const struct task *task)
{
    uint64_t each = fan(), due = now();
    begin();
    histogram_clear();
    run_until(task, each, now() + (uint64_t)(task->warm * SECOND), &due);
    struct reading from = read_all();
    load.is_measuring = true;
    run_until(task, each, now() + (uint64_t)(task->seconds * SECOND), &due);
    struct reading to = read_all();
    load.is_measuring = false;
    settle();
    print_reading(&from, &to);
}

/* One event at a time, each followed by a bare transaction: what any durable write costs there. */
void time_each(const struct task *task)
{
    char line[128];
    double *bare = calloc((size_t)task->samples + 1, sizeof *bare);
    uint64_t each = fan(), lost = 0;
    printf("{\"delays\":[");
    for (int i = 0; i < task->samples; i++) {
        begin();
        histogram_clear();
        load.is_measuring = true;
        ask(task, each);
        settle();
        load.is_measuring = false;
        lost += load.lost;
        printf("%s%.4f", i ? "," : "", histogram_max());
        control_send('c', 0, 1, task->size);
        while (!control_line(line, sizeof line))
            turn(20, false);
        bare[i] = atof(line) / 1e6;
    }
    printf("],\"bare\":[");
    for (int i = 0; i < task->samples; i++)
        printf("%s%.4f", i ? "," : "", bare[i]);
    printf("],\"lost\":%llu}\n", (unsigned long long)lost);
    free(bare);
}

void ask_once(const struct task *task)
{
    char line[256] = "{}";
    control_send(task->verb, task->topic, task->burst, task->size);
    while (strchr("ch", task->verb) && !control_line(line, sizeof line))
        turn(20, false);
    printf("%s\n", line);
}

/* Every socket says a frame, and waits until so many events have come to each. */
void say_all(const struct task *task)
{
    begin();
    histogram_clear();
    for (int i = 0; i < load.count; i++)
        load.socks[i].last = -1;
    struct reading from = read_all();
    for (int i = 0; i < load.count; i++)
        if (load.socks[i].state == READY)
            say(&load.socks[i], task->frame);
    asked = (uint64_t)task->expect * (uint64_t)load.ready;
    uint64_t last = load.received, since = now();
    struct reading to = from;
    while (missing() && now() - since < PATIENCE) {
        turn(20, false);
        if (load.received != last) {
            last = load.received;
            since = now();
            to = read_all();
        }
    }
    load.lost += missing();
    print_reading(&from, &to);
}

void idle(const struct task *task)
{
    struct reading from = read_all();
    uint64_t deadline = from.at + (uint64_t)(task->seconds * SECOND);
    histogram_clear();
    while (now() < deadline)
        turn(20, false);
    struct reading to = read_all();
    print_reading(&from, &to);
}

/* Let the last sockets read nothing, or read again until they have everything or are closed. */
void stall(bool is_frozen)
{
    int first = load.count - load.stalled, closed = 0, code = 0;
    uint64_t before = load.received, last = before, since = now();
    for (int i = first; i < load.count; i++)
        freeze(&load.socks[i], is_frozen);
    while (!is_frozen && now() - since < SECOND) {
        turn(20, false);
        if (load.received != last) {
            last = load.received;
            since = now();
        }
    }
    for (int i = first; i < load.count; i++) {
        closed += load.socks[i].state == CLOSED;
        code = load.socks[i].code ? load.socks[i].code : code;
    }
    printf("{\"closed\":%d,\"code\":%d,\"read\":%llu}\n", closed, code, (unsigned long long)(load.received - before));
}
