# SPDX-License-Identifier: GPL-3.0-or-later
# sort System.map | awk -f guest-samples.awk - OUTPUT: where the samples of guest-samples.patch were, in per cent.
NR == FNR { if ($2 ~ /[tTwW]/) { at[++n] = $1; name[n] = $3 } next }
$1 == "sample" {
	if (length($2) < 16) $2 = sprintf("ffffffff8%07s", $2); gsub(" ", "0", $2)
	lo = 1; hi = n
	while (lo < hi) { mid = int((lo + hi + 1) / 2); if (at[mid] <= $2) lo = mid; else hi = mid - 1 }
	hits[name[lo]]++; all++
}
END { for (f in hits) printf "%5.1f%% %s\n", 100 * hits[f] / all, f }
