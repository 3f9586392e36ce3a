/* The article's network trained by a program that can do nothing else: the engine's yardstick.
 *
 *     cc -O3 -march=native -ffp-contract=off -o yardstick yardstick.c -lm
 *     ./yardstick RATE [REPETITIONS]
 *
 * Three inputs, five hidden units, one output, all sigmoid; online, in the article's order, from the
 * article's start, until every pattern of an epoch was within 0.01. Sizes are constants and nothing
 * is kept but the weights, so that the compiler can unroll and vectorize all there is. Sums begin
 * with the bias and go on from the first input to the last, as in nnlab.reference.
 *
 * Prints the updates and, of the fastest repetition, the nanoseconds an update.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { INPUTS = 3, HIDDEN = 5, PATTERNS = 6 };

static const double inputs[PATTERNS][INPUTS] = {
    {0, 0, 0}, {1, 0, 1}, {1, 1, 0}, {1, 0, 0}, {0, 0, 1}, {1, 1, 1},
};
static const double targets[PATTERNS] = {0, 0, 0, 1, 1, 1};

static double sigmoid(double z) { return 1.0 / (1.0 + exp(-z)); }

static long train(double rate) {
    double first[INPUTS + 1][HIDDEN], second[HIDDEN + 1];
    for (int k = 0; k < (INPUTS + 1) * HIDDEN; k++) first[k / HIDDEN][k % HIDDEN] = k % 2 ? 1 : -1;
    for (int k = 0; k < HIDDEN + 1; k++) second[k] = k % 2 ? 1 : -1;
    for (long updates = 0;;) {
        int learned = 1;
        for (int p = 0; p < PATTERNS; p++, updates++) {
            const double *x = inputs[p];
            double h[HIDDEN], up[HIDDEN], y = second[HIDDEN];
            for (int j = 0; j < HIDDEN; j++) {
                double z = first[INPUTS][j];
                for (int i = 0; i < INPUTS; i++) z += x[i] * first[i][j];
                h[j] = sigmoid(z);
            }
            for (int j = 0; j < HIDDEN; j++) y += h[j] * second[j];
            y = sigmoid(y);
            double error = (y - targets[p]) * (y - targets[p]);
            learned &= error < 0.01;
            double delta = (y - targets[p]) * (y * (1.0 - y));
            for (int j = 0; j < HIDDEN; j++) up[j] = second[j] * delta * (h[j] * (1.0 - h[j]));
            for (int j = 0; j < HIDDEN; j++) second[j] -= rate * (h[j] * delta);
            second[HIDDEN] -= rate * delta;
            for (int i = 0; i < INPUTS; i++)
                for (int j = 0; j < HIDDEN; j++) first[i][j] -= rate * (x[i] * up[j]);
            for (int j = 0; j < HIDDEN; j++) first[INPUTS][j] -= rate * up[j];
        }
        if (learned) return updates;
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(int count, char **words) {
    double rate = count > 1 ? atof(words[1]) : 0.05, best = 1e9;
    int repetitions = count > 2 ? atoi(words[2]) : 1;
    long updates = 0;
    for (int k = 0; k < repetitions; k++) {
        double begin = seconds();
        updates = train(rate);
        double taken = seconds() - begin;
        if (taken < best) best = taken;
    }
    printf("%ld %.3f\n", updates, 1e9 * best / updates);
    return 0;
}
