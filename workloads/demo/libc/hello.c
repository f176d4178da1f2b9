/* SPDX-License-Identifier: GPL-3.0-or-later */
/* build/demo-libc-glibc and build/demo-libc-musl: two calls, by whatever C library it is built for.
 */
#include <unistd.h>

int main(void)
{
	getppid();
	return write(STDOUT_FILENO, "hello\n", 6) != 6;
}
