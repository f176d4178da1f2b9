#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# report.html as a reader meets it: in a browser at two widths, light and dark, and on paper. The report has no
# script; what is measured is measured by a page of the test's own, around it.
# shellcheck disable=SC2317
. "$(dirname "$0")/lib.sh"

need_browser() {
	browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
		skip "no chromium here (scripts/install-deps test)"
}

# browse ARGS...: the browser without a window, a sandbox, a network, or anything that it remembers.
browse() {
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run \
		--disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage \
		--user-data-dir="$PWD/profile" "$@" 2>browser.log
}

# A run with all that a report can hold, from files alone: three ways, gaps, warnings, start-up, memory, long names.
make_run() {
	command -v gnuplot >/dev/null || skip "no gnuplot here (scripts/install-deps run)"
	expect_status 0 "$BENCH" run --runtime null --launches 3 --warmup 0 --seed 42 --out "$1" --suite syscalls
	awk -F, -v OFS=, -v quoted="killed by <SIGSEGV>, which <b>no</b> page may take for an element" '
		{ print }
		NR > 1 {
			value = $15
			$6 = "host"; $15 = value == "" ? "" : value * 0.97; print
			$6 = "vm"; $7 = "distro"; $15 = value == "" ? "" : value * (1 + $8 / 10); print
			$6 = "ctr"; $7 = ""
			if ($4 == "fork") { $12 = $15 = $16 = ""; $17 = "failed"; $18 = "\"" quoted "\"" }
			print
		}' "$1/samples.csv" >rows
	mv rows "$1/samples.csv"
	for way in 'host,' 'ctr,' vm,distro vm:restore,distro; do
		for k in 0 1 2; do
			at=0
			for phase in process sandbox main work exit released; do
				at=$((at + 100000 + 7000 * k + 900 * ${#way} * ${#way}))
				echo "1,r,startup,launch,,$way,$k,$k,$phase,0,1,phase,ns,$((at / 3)),0,ok,"
				[ $phase = process ] || [ $phase = sandbox ] ||
					echo "1,r,startup,launch,,$way,$k,$k,$phase,0,1,since-request,ns,$at,0,ok,"
			done
			echo "1,r,startup,launch,,$way,$k,$k,,0,1,cpu,ns,$at,0,ok,"
			for n in 0 1 2 3; do
				echo "1,r,memory,idle,,$way,$k,$k,,$n,1,mem-available,bytes,$((2000000000 - n * 100000)),0,ok,"
			done
			echo "1,r,memory,idle,,$way,$k,$k,,0,3,slope,bytes,$((100000 + k)),0,ok,"
			echo "1,r,memory,idle,,$way,$k,$k,,0,1,pss,bytes,$((40000 + k)),0,ok,"
			echo "1,r,memory,idle,,$way,$k,$k,,0,,kernel-stack,bytes,,,skipped,cgroup v1 does not tell it apart"
		done
		for n in {0..39}; do
			echo "1,r,density,hold,,$way,0,0,,$n,1,start,ns,$((200000 + n * 5000)),0,ok,"
			echo "1,r,density,hold,,$way,0,0,,$n,1,late,ns,$((50000 + n * 10)),0,ok,"
		done
	done >>"$1/samples.csv"
	# a manifest that is longer than a sheet, and a warning that is longer than a line
	{
		echo '{'
		printf '  "a-fact.%s": "and its value",\n' {100..170}
		printf '  "warnings": ["a-warning-without-a-place-to-break-%s"],\n' "$(printf 'x%.0s' {1..120})"
		sed '1d; s/"warnings":/"warnings-of-the-run":/' "$1/manifest.json"
	} >manifest
	mv manifest "$1/manifest.json"
	mkdir "$1/demo"
	make_matrix >"$1/demo/versions.json"
	expect_status 0 "$BENCH" plot "$1"
	expect_status 0 "$BENCH" report "$1"
}

# What "bench demo versions" records, with as many kernels as the matrix may have columns.
make_matrix() {
	echo '{ "schema": 1, "demo": "versions", "sides": {'
	printf '"about": { "facts": { "time": "now"'
	printf ', "since.a_system_call_%s": "6.3"' {1..20}
	echo ' } },'
	for side in host ctr vm:distro-6.{1..8}-with-a-name; do
		printf '"%s": { "facts": { "kernel.release": "6.%d.11-amd64"' "$side" ${#side}
		printf ', "call.a_system_call_%s": "ENOSYS"' {1..20}
		echo ' } },'
	done
	echo '"vm": { "facts": {}, "missing": "there is no KVM" } } }'
}

# The page around the report: each element within the page, each text within its element, the text of each plot within
# the plot, all of it in a colour that stands off from the page. Lines that it finds wrong begin with "wrong".
make_page() {
	cat >page.html <<-EOF
		<!doctype html><meta charset="utf-8"><body style="margin:0">
		<iframe id="f" src="$1" style="border:0;width:$2px;height:900px"></iframe><pre id="o">not loaded</pre>
		<script>
		f.onload = () => {
			const d = f.contentDocument, view = f.contentWindow, width = d.documentElement.clientWidth, out = [];
			const name = e => e.tagName + "." + (e.getAttribute("class") || "") + " '" + e.textContent.slice(0, 40) + "'";
			const all = d.body.querySelectorAll("*");
			const styles = view.getComputedStyle(d.body);
			out.push("page " + width + " of " + d.documentElement.scrollWidth + ", elements " + all.length +
				", dark " + view.matchMedia("(prefers-color-scheme:dark)").matches +
				", paper " + styles.backgroundColor + ", ink " + styles.color);
			for (const e of all) {
				const r = e.getBoundingClientRect();
				if (r.width && (r.left < -0.5 || r.right > width + 0.5))
					out.push("wrong: beyond the page, " + r.left + " to " + r.right + ": " + name(e));
				if (e instanceof view.HTMLElement && e.clientWidth && e.scrollWidth > e.clientWidth + 1)
					out.push("wrong: text overflows, " + e.scrollWidth + " in " + e.clientWidth + ": " + name(e));
			}
			for (const e of d.querySelectorAll("svg text")) {
				const r = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect();
				if (r.left < s.left - 1 || r.right > s.right + 1 || r.top < s.top - 1 || r.bottom > s.bottom + 1)
					out.push("wrong: text beyond its plot: " + name(e));
			}
			// WCAG 2, 1.4.3; in a plot what stands on a bar, near black or near white, has the bar below it
			const light = c => c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 :
				Math.pow((v + 0.055) / 1.055, 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
			const contrast = c => (Math.max(light(c), light(styles.backgroundColor)) + 0.05) /
				(Math.min(light(c), light(styles.backgroundColor)) + 0.05);
			for (const e of d.querySelectorAll("svg text, p, li, td, th, dt, dd, h1, h2, h3, a, summary, .tag")) {
				const c = e instanceof view.SVGElement ? view.getComputedStyle(e).fill : view.getComputedStyle(e).color;
				if (contrast(c) < 4.5 && c != "rgb(1, 1, 1)" && c != "rgb(254, 254, 254)")
					out.push("wrong: " + c + " on " + styles.backgroundColor + ": " + name(e));
			}
			for (const e of d.querySelectorAll("svg"))
				if (e.getAttribute("role") != "img" || e.getAttribute("aria-label").length < 40)
					out.push("wrong: a plot without a text: " + name(e));
			out.push("plots " + d.querySelectorAll("svg").length);
			out.push("done");
			o.textContent = out.join("\n");
		};
		</script>
	EOF
}

# looked_at REPORT WIDTH SCHEME: measure it, 1 light and 0 dark, into ./found; nothing may be wrong.
looked_at() {
	make_page "$1" "$2"
	browse --allow-file-access-from-files --blink-settings=preferredColorScheme="$3" --window-size=1400,1000 \
		--virtual-time-budget=20000 --dump-dom "file://$PWD/page.html" >dom || fail "chromium: $(tail -n 3 browser.log)"
	sed -n '/<pre/,/<\/pre>/p' dom >found
	expect_in found "done</pre>"
	expect_in found "page $2 of $2,"
	! grep '^wrong' found >&2 || fail "at $2 pixels, scheme $3"
}

test_no_element_is_wider_than_the_page() {
	need_browser
	make_run run
	for width in 1280 400; do
		looked_at run/report.html $width 1
		expect_in found "dark false, paper rgb(255, 255, 255)"
		plots=$(grep -c '<figure' run/report.html)
		[ "$plots" -gt 5 ] || fail "only $plots plots"
		expect_in found "plots $plots"
		looked_at run/report.html $width 0
		expect_in found "dark true, paper rgb(23, 23, 23), ink rgb(232, 232, 232)"
	done
}

# What the page above finds: a report with one element that is too wide, and one with a plot whose text runs out.
test_the_measure_finds_what_is_wrong() {
	need_browser
	make_run run
	sed 's/<h2>Gaps/<div style="width:2000px">w<\/div>&/' run/report.html >wide.html
	sed '0,/<text>/s//<text x="5000">/' run/report.html >out.html
	sed 's/<h2>Gaps/<p style="width:9em;overflow:hidden;white-space:nowrap">too long for so little room<\/p>&/' run/report.html >over.html
	sed '0,/stroke="none" fill="#000000"/s//stroke="none" fill="#ddeeff"/' run/report.html >faint.html
	for f in wide out over faint; do
		make_page $f.html 1280
		browse --allow-file-access-from-files --virtual-time-budget=20000 --dump-dom "file://$PWD/page.html" >dom
		expect_in dom "done</pre>"
		grep -q '^wrong' dom || fail "$f.html: nothing was found"
	done
}

# On paper: A4, light whatever the screen is, nothing cut off at the sides, nothing lost of what is folded on a screen.
test_prints_on_a4() {
	need_browser
	for tool in pdfinfo pdftotext pdftoppm; do
		command -v $tool >/dev/null || skip "no $tool here (scripts/install-deps test)"
	done
	make_run run
	browse --blink-settings=preferredColorScheme=0 --no-pdf-header-footer --print-to-pdf="$PWD/r.pdf" \
		"file://$PWD/run/report.html" || fail "chromium: $(tail -n 3 browser.log)"
	pdfinfo r.pdf >info
	expect_in info "(A4)"
	pages=$(awk '/^Pages:/ { print $2 }' info)
	((pages >= 4 && pages <= 40)) || fail "$pages pages"
	pdftotext -bbox r.pdf words
	awk -F'"' '/<page / { width = $2; height = $4 }
		/<word / && ($2 < 0 || $4 < 0 || $6 > width || $8 > height) { print; bad = 1 }
		END { exit bad }' words >&2 || fail "words beyond the sheet"
	pdftotext -layout r.pdf text
	for words in Conclusions "A system call (getppid) costs" "Start-up" "Memory of an instance" Density Spread \
		"killed by <SIGSEGV>" "host.cpu.model" "workload.sha256"; do expect_in text "$words"; done
	# the head of a table that goes over a page stands on each
	[ "$(grep -c '^[[:space:]]*fact  *value' text)" -gt 1 ] || fail "the head of the manifest's table is not repeated"
	# the corner of the first sheet is white
	pdftoppm -r 20 -f 1 -l 1 -gray r.pdf sheet
	[ "$(tail -c 1 sheet-*.pgm | od -An -tu1 | tr -d ' ')" = 255 ] || fail "the paper is not white"
}

# One file without scripts and without a network, of plain elements; the same bytes from the same files, wherever.
test_one_file_and_the_same_bytes() {
	make_run run
	expect_in run/report.html "default-src 'none'"
	for never in '<script' '<img' '<link' '<iframe' 'http:' 'https:' '@import' 'url(' ' onload=' 'javascript:'; do
		! grep -qiF -- "$never" run/report.html || fail "there is '$never'"
	done
	mkdir -p elsewhere/deep
	cp -r run/samples.csv run/manifest.json run/demo elsewhere/deep
	expect_status 0 "$BENCH" plot elsewhere/deep
	expect_status 0 env TZ=Asia/Tokyo LC_ALL=C "$BENCH" report elsewhere/deep
	cmp run/report.html elsewhere/deep/report.html
	expect_status 0 "$BENCH" report run
	cmp run/report.html elsewhere/deep/report.html
}

# Every cell without a value is named with its reason, and what is there to say is said with its numbers.
test_gaps_and_conclusions_come_from_the_data() {
	make_run run
	expect_in run/report.html "killed by &lt;SIGSEGV&gt;, which &lt;b&gt;no&lt;/b&gt; page"
	expect_in run/report.html "<li>ctr: fork (15 failed)</li>"
	expect_in run/report.html "cgroup v1 does not tell it apart"
	grep -q '<li class="[a-z]*">A system call (getppid) costs .* in a VM (vm, kernel distro) .*: ratio [0-9.]*, 95 % interval [0-9.]*–[0-9.]* ' \
		run/report.html || fail "nothing is said of a system call"
	said=$(sed -n 's/.*A system call (getppid) costs .* in a VM .*: ratio \([0-9.]*\), 95 % interval \([0-9.]*\)–\([0-9.]*\) .*/\1 \2 \3/p' run/report.html)
	known=$(awk -F, '$2 == "getppid" && $4 == "vm" { printf "%.2f %.2f %.2f", $21, $22, $23 }' run/summary.csv)
	[ "$said" = "$known" ] || fail "'$said' is said, '$known' is in summary.csv"
}

# A picture that somebody else has put there is named in its place, and nothing of it gets into the page.
test_a_foreign_picture_stays_out() {
	make_run run
	echo '<svg><script>alert(1)</script><g onload="x()"><text>kept</text></g></svg>' >run/plots/overview.svg
	echo '<!DOCTYPE svg><svg/>' >run/plots/ratio.svg
	expect_status 0 "$BENCH" report run
	expect_in run/report.html "<text>kept</text>"
	! grep -q 'alert(1)\|onload' run/report.html || fail "a script got into the page"
	expect_in run/report.html "&#39;plots/ratio.svg&#39; is not a picture of ours"
}

run_tests
