/* Time, CPU time of other processes, and a histogram of delays with buckets of 3 %. */
#include "load.h"

#include <string.h>
#include <time.h>

#define STEPS 32

static uint32_t buckets[64 * STEPS];
static uint64_t total, largest;

static uint64_t read_clock(clockid_t id)
{
    struct timespec at;
    if (clock_gettime(id, &at) != 0)
        return 0;
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

uint64_t now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t own_cpu(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t cpu_of(const int *pids, int n)
{
    uint64_t sum = 0;
    for (int i = 0; i < n; i++) {
        clockid_t id;
        if (clock_getcpuclockid(pids[i], &id) == 0)
            sum += read_clock(id);
    }
    return sum;
}

void histogram_clear(void)
{
    memset(buckets, 0, sizeof buckets);
    total = largest = 0;
}

static size_t bucket_of(uint64_t ns)
{
    int bits = 63 - __builtin_clzll(ns | STEPS);
    return (size_t)bits * STEPS + ((ns >> (bits - 5)) & (STEPS - 1));
}

void histogram_add(uint64_t ns)
{
    buckets[bucket_of(ns)]++;
    total++;
    if (ns > largest)
        largest = ns;
}

double histogram_at(double share)
{
    uint64_t wanted = (uint64_t)(share * (double)total), seen = 0;
    for (size_t i = 0; i < sizeof buckets / sizeof *buckets; i++) {
        seen += buckets[i];
        if (seen > wanted) {
            size_t bits = i / STEPS;
            double low = (double)((uint64_t)1 << bits) * (1.0 + (double)(i % STEPS) / STEPS);
            return low * (1 + 0.5 / STEPS) / 1e6;
        }
    }
    return histogram_max();
}

double histogram_max(void)
{
    return (double)largest / 1e6;
}
