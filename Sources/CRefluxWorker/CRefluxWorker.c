#define _GNU_SOURCE
#include "CRefluxWorker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static reflux_last_words *the_words;

int32_t reflux_last_words_make(void) {
    int descriptor = memfd_create("reflux-last-words", MFD_CLOEXEC);
    if (descriptor >= 0 && ftruncate(descriptor, sizeof(reflux_last_words)) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

reflux_last_words *reflux_last_words_map(int32_t descriptor) {
    void *page = mmap(
        NULL, sizeof(reflux_last_words), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return page == MAP_FAILED ? NULL : page;
}

void reflux_last_words_unmap(reflux_last_words *words) {
    munmap(words, sizeof(reflux_last_words));
}

/* The first number of /proc/self/statm: the address space in pages. */
static uint64_t pages_in_use(void) {
    char text[32];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text);
    close(file);
    uint64_t pages = 0;
    for (ssize_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
        pages = pages * 10 + (uint64_t)(text[i] - '0');
    return pages;
}

static uintptr_t stack_pointer(const void *context) {
#if defined(__x86_64__)
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.sp;
#else
    (void)context;
    return 0;
#endif
}

static void speak(int number, siginfo_t *info, void *context) {
    int error = errno;
    the_words->error = error;
    the_words->pages = pages_in_use();
    if (number == SIGSEGV && info->si_code > 0) {
        /* A frame that does not fit touches memory a little below the stack pointer, or above. */
        intptr_t distance = (intptr_t)info->si_addr - (intptr_t)stack_pointer(context);
        the_words->stack_overflow = distance > -65536 && distance < 65536;
    }
    the_words->signal = number;
    /* SA_RESETHAND has restored the default, so this ends the process as the handler returns. */
    raise(number);
    errno = error;
}

int32_t reflux_last_words_on_signals(reflux_last_words *words) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGTRAP, SIGSYS};
    const size_t size = 65536;
    stack_t stack = {.ss_sp = malloc(size), .ss_size = size};
    if (stack.ss_sp == NULL || sigaltstack(&stack, NULL) != 0) return errno;
    the_words = words;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action = {.sa_sigaction = speak};
        sigemptyset(&action.sa_mask);
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
        if (sigaction(numbers[i], &action, NULL) != 0) return errno;
    }
    return 0;
}

int32_t reflux_worker_pipe(int32_t ends[2]) { return pipe2(ends, O_CLOEXEC); }

int32_t reflux_worker_close_from(posix_spawn_file_actions_t *actions, int32_t first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

void reflux_worker_buffer_lines(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

const char *reflux_worker_variable(const char *name) { return secure_getenv(name); }
