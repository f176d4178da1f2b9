/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctr/net.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/sys.h"

CHILD_CODE long net_loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	/* Any socket of the namespace will do; a UNIX one is the cheapest to make. */
	long fd = sys3(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long r;

	if (fd < 0)
		return fd;
	ifr.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	r = sys3(SYS_ioctl, fd, SIOCSIFFLAGS, &ifr);
	sys1(SYS_close, fd);
	return r;
}
