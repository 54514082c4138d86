/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's one UART, shared by whole lines: ours start with "hyp: ", a partition's with "[name] ".
 * Input goes to one partition at a time; Ctrl-T moves it to the next.
 */
#pragma once

#include <hyp/config.h>
#include <hyp/types.h>

struct vm;

void console_init(const struct board *b);     /* output works from here on */
void console_start(void);                     /* input, once the interrupt controller is up */
void console_line(const char *text);          /* one line of ours, without its newline */
void console_vm_putc(struct vm *vm, char c);  /* collected until the line is complete */
void console_vm_flush(struct vm *vm);         /* prints an unfinished line */
void console_flush(void);                     /* before the board goes off: waits until all is out, with a bound */
void console_panic(void);                     /* nobody will release the lock any more; output waits from here on */
