#!/bin/sh
# Each policy that comes with weir lets its program do a real task. What it does not
# let through is for run-attacks.sh.
. "${top_srcdir:-.}/tests/cli/lib.sh"

missing=
cd "$tmp" || exit 99

# The policies, which include each other from here and not from where some other
# weir is installed.
mkdir policies
for policy in "$source"/policies/*; do
	sed 's/^\([ \t]*\)include "\([a-z0-9-]*\)"/\1include ".\/\2"/' "$policy" \
		>"policies/${policy##*/}"
done

# under POLICY STATUS COMMAND...
under()
{
	local policy=$1 status=$2

	shift 2
	expect "$status" timeout -k 1 60 "$weir" run "$tmp/policies/$policy" -- "$@"
}

# have NAME: $program is the program itself, not a script in its place; else NAME
# is noted as missing.
have()
{
	local directory IFS=:

	for directory in $PATH /usr/sbin; do
		program=$directory/$1
		[ -x "$program" ] || continue
		[ "$(head -c 4 "$program" | tail -c 3)" = ELF ] && return
	done
	missing="$missing $1"
	return 1
}

# --- files in, text out ------------------------------------------------------------------

if have jq; then
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "{\"n\":" i ",\"s\":\"text\"}" }' >big.json
	under jq 0 "$program" -s 'map(.n) | add' big.json
	prints 4999950000
	echo '[1]' >a.json
	under jq 0 "$program" -r '.[0], input_filename, (now > 0), env.PATH' a.json
	under jq 2 "$program" . none.json
	says "No such file"
fi

if have pdftotext; then
	cat >page.pdf <<-'END'
		%PDF-1.4
		1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
		2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
		3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R
		/Resources<</Font<</F 5 0 R>>>>>> endobj
		4 0 obj <</Length 45>> stream
		BT /F 24 Tf 20 100 Td (words of a page) Tj ET
		endstream endobj
		5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
		trailer <</Root 1 0 R>>
	END
	under pdftotext 0 "$program" page.pdf -
	prints "words of a page"
	under pdftotext 2 "$program" page.pdf page.txt
	[ ! -e page.txt ] || fail "pdftotext wrote a file"
fi

# --- media -----------------------------------------------------------------------------------

if have ffmpeg; then
	under ffmpeg 0 "$program" -v error -f lavfi -i testsrc=d=1:s=160x120 \
		-f lavfi -i sine=d=1 -c:v mpeg4 clip.mkv
	under ffmpeg 0 "$program" -v error -y -i clip.mkv -vf scale=80:-2 -threads 3 small.mp4
	under ffmpeg 0 "$program" -v error -i small.mp4 -f null -
	# A playlist that asks for what is not there to be had.
	printf '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n' >list.m3u8
	timeout -k 1 30 "$weir" run policies/ffmpeg -- "$program" -v error -nostdin \
		-protocol_whitelist file,http,tcp -i list.m3u8 -f null - >out 2>err
	grep -q "Operation not permitted" err || fail "ffmpeg reached the network: $(cat err)"
fi

program=/usr/bin/convert
if [ -x "$program" ] && "$program" -version 2>/dev/null | grep -q ImageMagick; then
	under convert 0 "$program" -size 200x150 gradient:red-blue picture.png
	under convert 0 "$program" picture.png -resize 50% -blur 0x2 picture.jpg
	under convert 0 "$program" picture.jpg -format '%wx%h' info:
	prints 100x75
else
	missing="$missing convert"
fi

# --- interpreters ----------------------------------------------------------------------------

if have python3; then
	cat >work.py <<-'END'
		import asyncio, ctypes, json, multiprocessing, os, socket, subprocess
		import tempfile, threading

		def square(x):
		    return x * x

		def refused(f, *args):
		    try:
		        f(*args)
		    except OSError as e:
		        return e.errno == 1
		    return False

		async def later():
		    await asyncio.sleep(0.01)
		    return await asyncio.get_running_loop().run_in_executor(None, square, 3)

		if __name__ == "__main__":
		    with multiprocessing.Pool(2) as pool:
		        assert sum(pool.map(square, range(10))) == 285
		    assert asyncio.run(later()) == 9
		    threads = [threading.Thread(target=square, args=(i,)) for i in range(8)]
		    [t.start() for t in threads], [t.join() for t in threads]
		    with tempfile.TemporaryDirectory() as d:
		        with open(os.path.join(d, "x"), "w") as f:
		            json.dump([1], f)
		        os.rename(os.path.join(d, "x"), os.path.join(d, "y"))
		    assert refused(subprocess.run, ["/bin/true"])
		    assert refused(os.execv, "/bin/true", ["true"])
		    assert refused(socket.socket)
		    assert refused(os.kill, 1, 0) or os.kill(os.getpid(), 0) is None
		    print("works")
	END
	under python3 0 "$program" -I work.py
	prints works
	# One includes the policy and adds to it.
	printf 'include "./policies/python3"\ninclude "./policies/with-programs"\n' >more
	expect 0 "$weir" run ./more -- "$program" -I -c \
		'import subprocess; print(subprocess.check_output(["echo", "started"]))'
	prints started
	says_nothing
fi

if have node; then
	cat >work.js <<-'END'
		const { Worker } = require("worker_threads");
		const fs = require("fs");
		const refused = f => { try { f(); } catch (e) { return e.code == "EPERM"; } };
		let sum = 0;
		for (let i = 0; i < 3e6; i++) sum += i % 7;  // enough to be compiled
		fs.writeFileSync("node.txt", "x".repeat(1e6));
		if (fs.readFileSync("node.txt").length != 1e6) process.exit(2);
		if (!refused(() => require("child_process").execFileSync("/bin/true"))) process.exit(3);
		require("net").connect(9, "127.0.0.1").on("error", e => {
			if (e.code != "EPERM") process.exit(4);
			new Worker(`require("worker_threads").parentPort.postMessage(6 * 7)`,
				{ eval: true }).on("message", m => console.log("answer", m));
		});
	END
	under node 0 "$program" work.js
	prints "answer 42"
fi

# --- what programmers use ----------------------------------------------------------------------

git=
if have git; then
	git=$program
	me="-c user.name=n -c user.email=e -c commit.gpgsign=false"
	mkdir home
	HOME=$tmp/home
	export HOME
	under git 0 "$git" init -q one
	echo x >one/x
	under git 0 "$git" -C one add x
	under git 0 "$git" -C one $me commit -qm message
	under git 0 "$git" clone -q one two
	under git 0 "$git" clone -q "file://$tmp/one" three
	under git 0 "$git" -C three log --oneline
	prints message
	printf '#!/bin/sh\necho hook ran\n' >two/.git/hooks/pre-commit
	chmod +x two/.git/hooks/pre-commit
	under git 0 "$git" -C two $me commit -qm more --allow-empty
	says "hook ran"
	under git 0 "$git" -C two gc -q
	under git 0 "$git" -C two push -q origin HEAD:other
fi

if have tar; then
	tar=$program
	mkdir -p tree/deep
	echo content >tree/deep/file
	ln -s file tree/deep/link
	ln tree/deep/file tree/hard
	mkfifo tree/fifo
	touch -d 2001-01-01 tree/deep
	setfattr -n user.test -v value tree/hard 2>/dev/null
	under tar 0 "$tar" --xattrs -czf tree.tgz tree
	mkdir copy
	under tar 0 "$tar" --xattrs -xpzf tree.tgz -C copy
	[ -p copy/tree/fifo ] || fail "tar made no fifo"
	[ "$(readlink copy/tree/deep/link)" = file ] || fail "tar made no link"
	[ "$(stat -c %Y copy/tree/deep)" = "$(stat -c %Y tree/deep)" ] || fail "tar left the time"
	[ "$(getfattr -d tree/hard 2>/dev/null | tail -n +2)" = \
	  "$(cd copy && getfattr -d tree/hard 2>/dev/null | tail -n +2)" ] || fail "tar lost attributes"
	# An archive with what is not to come out of it.
	chmod 4755 tree/hard
	"$tar" -cf bad.tar tree/hard
	rm -rf copy
	mkdir copy
	under tar 2 "$tar" -xpf bad.tar -C copy
	says "Operation not permitted"
	[ ! -u copy/tree/hard ] || fail "tar made a set-user-ID file"
fi

if have gcc && ${CC:-cc} -o one-c -xc - <<-'END' 2>/dev/null
	int main(void) { return 0; }
END
then
	echo 'int main(void) { return 42; }' >main.c
	under gcc 0 "$program" -O2 -pipe -g -o prog main.c
	under gcc 42 ./prog
	under gcc 0 "$program" -O2 -c -save-temps main.c
	echo 'int main(void) { return x; }' >main.c
	under gcc 1 "$program" -o prog main.c
	says "undeclared"
fi

if command -v make >/dev/null && command -v cc >/dev/null; then
	mkdir project
	printf '%s\n' 'all: test' 'prog: a.o b.o' '	$(CC) -o $@ $^' 'test: prog' \
		'	./prog >out; grep -q hello out' '	echo made $$(wc -l <out) >&2' \
		'clean: ; rm -f *.o prog out' >project/Makefile
	printf '#include <stdio.h>\nvoid b(void);\nint main(void) { b(); return 0; }\n' >project/a.c
	printf '#include <stdio.h>\nvoid b(void) { puts("hello"); }\n' >project/b.c
	under build 0 make -j2 -C project
	says "made 1"
	# A priority is set for what comes then; not for others.
	under build 0 nice -n 5 make -B -C project
	command -v ionice >/dev/null && under build 0 ionice -c 3 make -B -C project
	command -v taskset >/dev/null && under build 0 taskset -c 0 make -B -C project
	under read-only 0 make -n -C project clean
	prints "rm -f"
	under read-only 2 make -C project clean
	says "Read-only file system"
	under read-only 0 sh -c 'grep -r hello project/b.c | sort | head -1'
	prints hello
	under read-only 2 sh -c 'echo gone >project/a.c'
	grep -q main project/a.c || fail "read-only did not hold"
fi

if have sqlite3; then
	under sqlite3 0 "$program" t.db 'pragma journal_mode=wal; create table t(n);
		insert into t values (1), (2); select sum(n) from t;'
	prints 3
	# Two at a time, with locks and shared memory between them.
	for i in 1 2; do
		for n in 1 2 3 4 5 6 7 8 9 10; do echo "insert into t values ($n);"; done |
			"$weir" run policies/sqlite3 -- "$program" -cmd '.timeout 10000' t.db 2>err$i &
	done
	wait
	under sqlite3 0 "$program" t.db 'select count(*) from t; vacuum; pragma integrity_check;'
	prints 22
	prints ok
	under sqlite3 0 "$program" t.db '.dump'
	"$weir" run policies/sqlite3 -- "$program" t.db ".system touch '$tmp/ran'" >out 2>&1
	[ ! -e ran ] || fail "sqlite3 started a program"
fi

# --- the network, in a namespace of its own ----------------------------------------------------

cat >net.sh <<-'END'
	if [ -z "${lo_is_up-}" ]; then
		ip link set lo up || exit 77
		export lo_is_up=1
		# An ordinary user was root for that.
		[ "$how" = "unshare -n" ] || ! unshare -U --map-user=1000 true 2>/dev/null ||
			exec unshare -U --map-user=1000 sh "$0"
	fi
	mkdir -p logs site
	[ -z "$git" ] || [ ! -x "$("$git" --exec-path)/git-remote-http" ] || {
		"$git" clone -q --bare one site/one.git
		"$git" -C site/one.git update-server-info
	}
	head -c 300000 /dev/urandom >site/file
	user=
	[ "$(id -u)" -ne 0 ] || user="user nobody nogroup;"
	chmod 755 . site
	cat >nginx.conf <<-EOT
		$user worker_processes 2; pid $PWD/nginx.pid; error_log $PWD/error.log;
		events { worker_connections 64; }
		http {
			access_log off; sendfile on;
			client_body_temp_path $PWD/logs; proxy_temp_path $PWD/logs;
			fastcgi_temp_path $PWD/logs; uwsgi_temp_path $PWD/logs; scgi_temp_path $PWD/logs;
			server { listen 127.0.0.1:8080; root $PWD/site; }
		}
	EOT
	if [ -n "$nginx" ]; then
		"$weir" run policies/nginx -- "$nginx" -p "$PWD" -c "$PWD/nginx.conf" \
			-g 'daemon off;' 2>nginx.err &
	else
		"$weir" run policies/server -- "$python" -I -m http.server -d site \
			-b 127.0.0.1 8080 >/dev/null 2>&1 &
	fi
	server=$!
	"$weir" run policies/server -- "$python" -I -m http.server -d site -b 127.0.0.1 8081 \
		>/dev/null 2>&1 &
	second=$!
	for port in 8080 8081; do
		"$weir" run policies/curl -- "$curl" -s --retry 10 --retry-delay 1 --retry-connrefused \
			-o got-$port "http://127.0.0.1:$port/file" || echo "curl $port: $?"
		cmp site/file got-$port
	done
	"$weir" run policies/curl -- "$curl" -s -Z -o 'got-#1' "http://localhost:8080/file?[1-5]" \
		2>/dev/null || echo "parallel curl: $?"
	cmp site/file got-5
	"$weir" run policies/ffmpeg -- "$curl" -s http://127.0.0.1:8080/file -o none &&
		echo "there is a network without one"
	[ ! -d site/one.git ] || {
		"$weir" run policies/git -- "$git" clone -q http://127.0.0.1:8081/one.git web
		cmp one/x web/x
	}
	[ ! -f nginx.pid ] || kill -HUP $(cat nginx.pid)
	sleep 0.2
	"$weir" run policies/curl -- "$curl" -sf http://127.0.0.1:8080/file -o got || echo "after HUP"
	kill -TERM $second $server
	wait $server
	grep -s -E 'emerg|alert' error.log
	exit 0
END
have nginx && nginx=$program || nginx=
if have curl && curl=$program && have python3 && python=$program &&
	command -v ip >/dev/null && command -v unshare >/dev/null; then
	export weir nginx curl python git how
	for how in "unshare -n" "unshare -rn" none; do
		[ "$how" = none ] || $how true 2>/dev/null && break
	done
	if [ "$how" = none ]; then
		missing="$missing (a network namespace)"
	else
		timeout -k 1 40 $how sh ./net.sh >net.out 2>&1
		case $? in
		0) [ ! -s net.out ] || fail "nginx and curl: $(cat net.out nginx.err)" ;;
		77) missing="$missing (lo in a network namespace)" ;;
		*) fail "nginx and curl: $(cat net.out nginx.err)" ;;
		esac
	fi
fi

# --- another libc --------------------------------------------------------------------------------

if command -v musl-gcc >/dev/null; then
	for how in -static -no-pie; do
		musl-gcc $how -o musl "$source/tests/cli/everyday.c" || fail "musl-gcc $how"
		./musl files || fail "not a program of everyday: musl $how"
		under base 0 ./musl files
		under ffmpeg 0 ./musl write thread
		under python3 0 ./musl files write thread fork
		under build 0 ./musl files write thread fork spawn
		under curl 0 ./musl files write thread lookup
	done
else
	missing="$missing musl-gcc"
fi
${CC:-cc} -pthread -o plain "$source/tests/cli/everyday.c" 2>/dev/null &&
	under build 0 ./plain files write thread fork spawn
if command -v busybox >/dev/null; then
	under build 0 busybox sh -c 'echo one two | tr " " "\n" | sort -r | busybox head -n 1 >word; cat word'
	prints two
fi

[ -z "$missing" ] || [ "$failures" -ne 0 ] || skip "missing:$missing (the rest works)"
finish
