/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one error convention of the project (docs/errors.md): a function below
 * main returns 0 or a negative errno, and on failure has filled struct err.
 * On success struct err is left as it was.
 */
#ifndef BENCH_BASE_ERR_H
#define BENCH_BASE_ERR_H

struct err {
	int code;          /* negative errno */
	char step[48];     /* the step that failed, e.g. "KVM_CREATE_VM" or "pivot_root" */
	char message[640]; /* on what and why, one sentence, no final newline */
	char remedy[320];  /* what helps, one sentence; empty where nothing is known */
};

/*
 * Fill @e and return @code, so that a failing function ends with
 * "return err_set(e, -EINVAL, ...)". @e may be NULL: then only the code is kept.
 */
int err_set(struct err *e, int code, const char *step, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same for a failed system call: the code is -errno, and strerror is appended to the message.
 */
int err_sys(struct err *e, const char *step, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Add the remedy to an error that is already filled. Returns e->code (-EIO where @e is NULL). */
int err_help(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
