# SPDX-License-Identifier: GPL-3.0-or-later
# The static workload (musl) and the freestanding hello kernel.
