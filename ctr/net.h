/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network namespace: it has a loopback device and nothing else, and that one is down. */
#ifndef BENCH_CTR_NET_H
#define BENCH_CTR_NET_H

/* For the child: bring "lo" up; the kernel gives it 127.0.0.1 and ::1 by itself. 0 or -errno. */
long net_loopback_up(void);

#endif
