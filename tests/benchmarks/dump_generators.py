"""Made-up log dumps of many kinds: `dump("syslog", random.Random(0), 20)` gives its lines.

Each kind is a head, which stands once, and a body, of whose templates each dump takes some and draws its lines. A body's
template may hold several lines. `TUNED` and `HELD_OUT` part the kinds: `fit_log_lines
--tuned-only` leaves the latter out, which tells how dumps of kinds fare that the net has never seen.
"""

# ruff: noqa: E501  (a template stands on one line, as the line does that it makes)
import random
import re
from typing import Final, NamedTuple

from tests.benchmarks.dump_fields import Fields
from tests.benchmarks.improvised_dumps import improvised


class Kind(NamedTuple):
    """Templates of one kind of dump."""

    body: tuple[str, ...]
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()


def _kind(body: str, head: str = "", foot: str = "") -> Kind:
    """Return the kind whose templates are the lines of a text; `⏎` stands for a line break within one."""
    parts = (
        tuple(line.replace("⏎", "\n") for line in text.strip("\n").split("\n") if line) for text in (body, head, foot)
    )
    return Kind(*parts)


KINDS: Final[dict[str, Kind]] = {
    "application log": _kind("{time} {level} [{thread}] {my_package}.{camel} - {message}\n{time} {level} [{thread}] {dotted}: {message}"),
    "syslog": _kind("{syslog} {my_host} {name}[{int}]: {message}\n{syslog} {my_host} kernel: [{uptime}] {message}\n{syslog} {my_host} CRON[{int}]: ({user}) CMD ({path} > /dev/null 2>&1)"),
    "dmesg": _kind("[{uptime}] {name} {hex4}:{hex2}:{hex2}.{digit}: {message}\n[{uptime}] {word}{digit}: {phrase}\n[{uptime}] usb {digit}-{digit}: new high-speed USB device number {small} using {name}\n[{uptime}] ACPI: {upper} {hex16} {hex4}"),
    "access log": _kind('{ip} - - {time} "{verb_http} {route} HTTP/1.1" {code} {int} "{url}" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"\n{ip} - {user} {time} "{verb_http} {route}?{word}={int} HTTP/1.0" {code} {int}'),
    "nginx errors": _kind('{time} [error] {int}#{int}: *{int} open() "{path}" failed (2: No such file or directory), client: {ip}, server: {domain}, request: "GET {route} HTTP/1.1"\n{time} [warn] {int}#{int}: *{int} {message}, upstream: "{url}"'),
    "windows events": _kind("{level}\t{time}\t{camel}\t{int}\t{message}\nEvent ID {int}⏎Source: {camel}⏎Level: {level}⏎Time: {time}⏎Description: The {word} {word} {verb} with error 0x{HEX8}."),
    "java stack": _kind("\tat {my_package}.{camel}.{hump}({camel}.java:{int})\n\tat {dotted}.{hump}({camel}.java:{small})\n    at {dotted}$$Lambda$14/0x{hex16}.{hump}(Unknown Source)\n\tat {my_package}.{camel}.<init>({camel}.java:{int})\nCaused by: {dotted}Exception: {message}\n\t... {small} more", "Exception in thread \"{thread}\" {dotted}Exception: {message}"),
    "python traceback": _kind('  File "{path}", line {int}, in {snake}⏎    {snake} = {word}.{snake}({word}, {word}={small})\n  File "{path}", line {int}, in <module>⏎    raise {camel}("{phrase}")\n  File "{path}", line {int}, in {snake}⏎    return self.{snake}(*args, **kwargs)', "Traceback (most recent call last):", "{camel}Error: {message}"),
    "dotnet stack": _kind("   at {dotted}.{camel}(String {word}, Int32 {word})\n   at {dotted}.<{camel}>d__{small}.MoveNext() in {windows}:line {int}\n   at System.{camel}.{camel}({camel} {word}, Boolean {word})\n--- End of stack trace from previous location ---", "Unhandled Exception: System.{camel}Exception: {message}"),
    "go panic": _kind("{my_package}/{word}.({camel}).{camel}(0x{hex8}, 0x{hex2})⏎\t{path}:{int} +0x{hex4}\ngoroutine {int} [running]:⏎main.{hump}(...)⏎\t{path}:{int}", "panic: runtime error: invalid memory address or nil pointer dereference⏎[signal SIGSEGV: segmentation violation code=0x1 addr=0x{hex2} pc=0x{hex8}]"),
    "node stack": _kind("    at {camel}.{hump} ({path}:{int}:{small})\n    at Object.<anonymous> ({path}:{int}:{small})\n    at async {hump} (node:internal/{word}/{word}:{int}:{small})", "{camel}Error: {message}"),
    "gcc errors": _kind("{file}:{int}:{small}: error: '{snake}' was not declared in this scope⏎  {int} |   {snake}({word}, &{word});⏎      |   ^~~~~~\n{file}:{int}: warning: unused variable '{snake}' [-Wunused-variable]\n{file}: In function 'int {snake}(const {camel}&)':\n{path}:{int}: undefined reference to `{camel}::{hump}({word}*)'"),
    "pip output": _kind("Collecting {name}=={version}\n  Downloading {name}-{version}-py3-none-any.whl ({int} kB)\nRequirement already satisfied: {name}>={version} in {path} (from {name}) ({version})\n  Using cached {name}-{version}.tar.gz\n     |████████████████████████████████| {int} kB {float} MB/s"),
    "npm output": _kind("npm WARN deprecated {name}@{version}: {message}\nnpm ERR! {word} {path}\nnpm http fetch GET 200 https://registry.{domain}/{name} {int}ms\nnpm ERR! code {upper}\nnpm timing {word}:{word} Completed in {int}ms"),
    "apt output": _kind("Get:{seq} http://{domain}/debian bookworm/main amd64 {name} amd64 {version}-{digit} [{int} kB]\nSelecting previously unselected package {name}.\nPreparing to unpack .../{name}_{version}-{digit}_amd64.deb ...\nUnpacking {name} ({version}-{digit}) ...\nSetting up {name} ({version}-{digit}) ..."),
    "maven output": _kind("[INFO] {phrase}\n[INFO] --- {name}-maven-plugin:{version}:{word} (default-{word}) @ {name} ---\n[INFO] Downloading: {url}/{name}-{version}.jar\n[ERROR] {path}:[{int},{small}] cannot find symbol\n[WARNING] {message}\n[INFO] ------------------------------------------------------------------------"),
    "cargo output": _kind("   Compiling {name} v{version}\n  Downloaded {name} v{version}\nerror[E0{int}]: mismatched types⏎  --> src/{file}:{int}:{small}⏎   |⏎{small} |     let {word} = {snake}({word});⏎   |              ^^^^^^ expected `{camel}`, found `{camel}`\nwarning: unused variable: `{snake}`"),
    "gdb backtrace": _kind("#{seq}  0x{hex16} in {snake} ({word}=0x{hex12}, {word}={int}) at {path}:{int}\n#{seq}  0x{hex16} in {snake} () from {path}\n#{seq}  0x{hex16} in ?? ()", "Program received signal SIGSEGV, Segmentation fault."),
    "kernel panic": _kind("RAX: {hex16} RBX: {hex16} RCX: {hex16}\n [<{hex16}>] {snake}+0x{hex2}/0x{hex4} [{word}]\n [<{hex16}>] ? {snake}+0x{hex2}/0x{hex2}\nR13: {hex16} R14: {hex16} R15: {hex16}\nFS:  {hex16}(0000) GS:{hex16}(0000) knlGS:{hex16}\nCode: {bytes16} {bytes16}", "BUG: unable to handle kernel NULL pointer dereference at {hex16}⏎IP: [<{hex16}>] {snake}+0x{hex2}/0x{hex4}⏎Oops: 0002 [#1] SMP", "---[ end trace {hex16} ]---"),
    "hex dump": _kind("{hex8}  {bytes16}  |{ascii}|"),
    "hex words": _kind("0x{hex4}:  {hex4} {hex4} {hex4} {hex4} {hex4} {hex4} {hex4} {hex4}  {ascii}"),
    "memory map": _kind("{hex12}-{hex12} r-xp {hex8} 08:01 {big}     {path}\n{hex12}-{hex12} rw-p {hex8} 00:00 0"),
    "register dump": _kind("EAX={hex8} EBX={hex8} ECX={hex8} EDX={hex8}\nr{digit} = 0x{HEX8}\n{HEX8} {HEX8} {HEX8} {HEX8}\n0x{HEX8}: {HEX8} {HEX8} {HEX8} {HEX8}"),
    "chat log": _kind("[{minute}] <{user}> {phrase} {phrase}\n[{minute}] * {user} has joined #{word}\n[{minute}] <{user}> {message}\n[{minute}] -!- {user} [{user}@{domain}] has quit [Ping timeout: {int} seconds]"),
    "sensor log": _kind("{time} {name} temp={float} hum={float} volt={float}\n{time} sensor{digit} {float} {float} {float}\n{time};{float};{float};{int}\n{time} node {small}: rssi -{small} dBm, temperature {float} C"),
    "query log": _kind("{time} UTC [{int}] LOG:  duration: {float} ms  statement: SELECT {snake}, {word} FROM {word}s WHERE {snake} = {int}\n{time}\t{int} Query\tINSERT INTO {snake} VALUES ({int}, '{word}', {float})\n# Time: {iso}⏎# User@Host: {user}[{user}] @ {host} [{ip}]⏎# Query_time: {float}  Lock_time: {float} Rows_sent: {small}⏎SET timestamp={epoch};⏎SELECT * FROM {snake} WHERE id IN ({int}, {int});"),
    "json lines": _kind('{"ts":"{iso}","level":"{lower_level}","logger":"{my_dotted}","msg":"{message}","{word}":{int}}\n{"time": {epoch}, "severity": "{level}", "{snake}": "{uuid}", "message": "{message}"}\n{"@timestamp":"{iso}","host":{"name":"{my_host}"},"{word}":{"{word}":{float},"{word}":"{word}"}}'),
    "key value log": _kind('ts={iso} level={lower_level} caller={file}:{int} msg="{message}" {word}={int}\ntime="{iso}" level={lower_level} msg="{phrase}" {word}={uuid} duration={float}ms\n{word}={int} {word}={word} {snake}={float} status={code}'),
    "ping": _kind("64 bytes from {my_ip}: icmp_seq={seq} ttl={small} time={float} ms\nReply from {my_ip}: bytes=32 time={small}ms TTL={small}\nRequest timeout for icmp_seq {seq}\n64 bytes from {domain} ({my_ip}): icmp_seq={seq} ttl=64 time={float} ms"),
    "traceroute": _kind(" {seq}  {domain} ({ip})  {float} ms  {float} ms  {float} ms\n {seq}  * * *\n  {seq}    {small} ms    {small} ms    {small} ms  {ip}", "traceroute to {domain} ({ip}), 30 hops max, 60 byte packets"),
    "git output": _kind("commit {hex16}{hex16}{hex8}⏎Author: {user} <{user}@{domain}>⏎Date:   {time} +0200⏎    {phrase} {word}\n create mode 100644 {path}\n {path} | {small} +++++-----\nremote: Counting objects: {small}% ({int}/{int})\n * [new branch]      {name} -> origin/{name}\n{hex8} {phrase} in {file}"),
    "test runner": _kind("tests/{file}::test_{snake} PASSED [ {small}%]\ntests/{file}::test_{snake} FAILED [ {small}%]\nok {seq} - {phrase} ({int}ms)\n--- PASS: Test{camel} (0.{small}s)\n[ RUN      ] {camel}Test.{camel}⏎[       OK ] {camel}Test.{camel} ({small} ms)\n  ✓ {phrase} ({small} ms)"),
    "database errors": _kind("ERROR {int} (42S02) at line {int}: Table '{word}.{snake}' doesn't exist\nORA-{big}: {phrase}\nERROR:  relation \"{snake}\" does not exist⏎LINE {small}: SELECT * FROM {snake}⏎                      ^\nSQLSTATE[HY000] [2002] Connection refused (SQL: select * from `{snake}` where `id` = {int})"),
    "gps track": _kind("$GPGGA,{int}19,4807.{int},N,01131.{int},E,1,08,0.9,545.4,M,46.9,M,,*{hex2}\n$GPRMC,{int}35,A,4717.{int},N,00833.{int},E,0.{int},77.52,091202,,*{hex2}\n$GPGSV,3,{digit},11,{small},{small},{small},{small},{small},06,292,00*{hex2}"),
    "telemetry rows": _kind("{epoch},{float},{float},{float},{int},{small}\n{time},{float},{float},{int}\n{iso},{my_name},{float},{float},OK\n{seq}\t{epoch}\t{float}\t{float}\t{float}"),
    "mail transcript": _kind("220 {domain} ESMTP Postfix⏎EHLO {domain}⏎250-{domain}⏎250-SIZE {big}⏎250 8BITMIME⏎MAIL FROM:<{user}@{domain}>⏎250 2.1.0 Ok⏎RCPT TO:<{user}@{domain}>⏎550 5.1.1 <{user}@{domain}>: {phrase}\nReceived: from {domain} ({domain} [{ip}]) by {domain} with ESMTPS id {hex12}; {time}\n>>> RCPT TO:<{user}@{domain}>⏎<<< 250 2.1.5 OK {hex8}"),
    "web transcript": _kind("> {verb_http} {route} HTTP/1.1⏎> Host: {domain}⏎> User-Agent: curl/{version}⏎> Accept: */*⏎< HTTP/1.1 {code} OK⏎< Content-Length: {int}⏎< ETag: \"{hex16}\"⏎< X-Request-Id: {uuid}\n* Trying {ip}:{int}...⏎* Connected to {domain} ({ip}) port {int} (#0)"),
    "system calls": _kind('{name}("{path}", O_RDONLY|O_CLOEXEC) = {small}\nread({small}, "\\177ELF\\2\\1\\1\\0\\0"..., {int}) = {int}\nmmap(NULL, {big}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x{hex12}\nclose({small})                                = 0\nstat("{path}", 0x{hex12}) = -1 ENOENT (No such file or directory)\n[pid {int}] futex(0x{hex12}, FUTEX_WAIT, {digit}, NULL) = 0'),
    "malware scan": _kind("O4 - HKLM\\..\\Run: [{camel}] {windows}\nO2 - BHO: {camel} - {{HEX8}-{hex4}-{hex4}-{hex4}-{hex12}} - {windows}\nO23 - Service: {camel} ({name}) - {camel} Inc. - {windows}\nR{digit} - HKCU\\Software\\Microsoft\\Internet Explorer\\Main,Start Page = {url}\nO16 - DPF: {{HEX8}-{hex4}-{hex4}-{hex4}-{hex12}} ({camel}) - {url}", "Logfile of HijackThis v{version}⏎Scan saved at {time}⏎Running processes:"),
    "running programs": _kind("{windows}\nC:\\WINDOWS\\system32\\{name}.exe\nC:\\Program Files\\{camel}\\{camel}.exe"),
    "process list": _kind("{my_user}    {int}  {digit}.{digit}  {digit}.{digit} {big} {int} ?        Ss   {minute}   0:0{digit} {path} --{name}\n{int} {my_user}      20   0 {big} {int} {int} S  {digit}.{digit}  {digit}.{digit}   0:0{digit}.{small} {name}", "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"),
    "file listing": _kind("{mode}  {digit} {my_user} {my_user} {int} Mar {small} {minute} {file}\n{mode} {digit} {user} staff   {big} Dec  {digit}  2014 {path}\n{time}    <DIR>          {name}\n{time}             {int} {file}"),
    "router log": _kind("[DoS Attack: SYN/ACK Scan] from source: {ip}, port {int}, {time}\n[LAN access from remote] from {ip}:{int} to {ip}:{int}, {time}\n[DHCP IP: {ip}] to MAC address {mac}, {time}\n[UPnP set event: {camel}] from source {ip}, {time}"),
    "switch log": _kind("*{syslog}.{int}: %LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet{digit}/{small}, changed state to down\n{syslog} {ip} %SYS-5-CONFIG_I: Configured from console by {user} on vty{digit} ({ip})\n%{upper}-{digit}-{upper}: {message}"),
    "firewall log": _kind("IN=eth{digit} OUT= MAC={mac}:{mac}:08:00 SRC={ip} DST={ip} LEN={int} TOS=0x00 TTL={small} ID={int} PROTO=TCP SPT={int} DPT={int}\n{time} DROP TCP {ip} {ip} {int} {int} {small} S {big} 0 {int} - - - RECEIVE"),
    "journal": _kind("{syslog} {my_host} systemd[1]: Started {phrase} of {name}.\n{syslog} {my_host} systemd[1]: {name}.service: Main process exited, code=exited, status={digit}/FAILURE\n{syslog} {my_host} {name}[{int}]: {message}\n● {name}.service - {camel} {word}⏎   Loaded: loaded ({path}; enabled; vendor preset: enabled)⏎   Active: failed (Result: exit-code) since {time}; {small}s ago⏎  Process: {int} ExecStart={path} (code=exited, status={small})"),
    "containers": _kind("{hex12}: Pull complete\n{hex12}: Already exists\nStep {seq}/{small} : RUN {name} install {name}⏎ ---> Running in {hex12}⏎ ---> {hex12}\n{hex12}   {name}:{version}   \"{path}\"   {small} hours ago   Up {small} hours   0.0.0.0:{int}->{int}/tcp   {name}\nI{int} {clock}.{big}       1 {file}:{int}] {message}"),
    "cluster listing": _kind("{name}-{hex8}-x{digit}kz   1/1   Running            {digit}   {small}d\n{name}-{hex8}-{hex4}   0/1   CrashLoopBackOff   {int}   {small}h   {ip}   {host}\n  Warning  BackOff    {small}s (x{small} over {small}m)  kubelet  Back-off restarting failed container\n  Normal   Pulled     {small}m   kubelet, {host}  Container image \"{name}:{version}\" already present on machine"),
    "repeated message": _kind("{my_name}: connection refused\n"),
    "counted message": _kind("Error {seq}: {my_name} {my_camel} failed\nFrame {seq}: {float} fps, {int} drops\nIteration {seq}, loss = {float}, accuracy = {float}\nEpoch {seq}/{small} - {small}s - loss: {float} - val_loss: {float}\nstep {seq} | lr {float} | loss {float} | {int} tok/s"),
    "php errors": _kind("PHP Notice:  Undefined index: {snake} in {path} on line {int}\n[{time}] PHP Warning:  {snake}() expects parameter {digit} to be array, null given in {path} on line {int}\n#{seq} {path}({int}): {camel}->{hump}()\nWarning: include({file}): failed to open stream: No such file or directory in {path} on line {int}", "PHP Fatal error:  Uncaught {camel}Exception: {message} in {path}:{int}⏎Stack trace:"),
    "ruby errors": _kind("\tfrom {path}:{int}:in `{snake}'\n{path}:{int}:in `block in {snake}'\napp/{word}/{file}:{int}:in `{snake}'", "{path}:{int}:in `{snake}': undefined method `{snake}' for nil:NilClass (NoMethodError)"),
    "rails log": _kind("Started {verb_http} \"{route}\" for {ip} at {time} +0000⏎Processing by {camel}Controller#{word} as HTML⏎  Parameters: {\"{word}\"=>\"{word}\", \"id\"=>\"{int}\"}⏎  {camel} Load ({float}ms)  SELECT `{word}s`.* FROM `{word}s` WHERE `{word}s`.`id` = {int} LIMIT 1⏎Completed {code} OK in {int}ms (Views: {float}ms | ActiveRecord: {float}ms)\nI, [{iso} #{int}]  {level} -- : {message}"),
    "android log": _kind("{clock}.{int}  {int}  {int} D {camel}: {message}\nE/{camel}({int}): {message}\nW/{camel} ( {int}): {hump}: {word}={int}\nD/{camel}: {phrase} {hex8}\nE/AndroidRuntime({int}): \tat {dotted}.{hump}({camel}.java:{int})"),
    "phone crash": _kind("{seq}   {camel}                  0x{hex16} {snake} + {int}\n{seq}  libsystem_{word}.dylib     0x{hex16} 0x{hex12} + {int}\nThread {seq} name:  Dispatch queue: com.{word}.{word}\n       0x{hex12} -        0x{hex12} +{camel} arm64  <{hex16}{hex16}> {path}", "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)⏎Exception Codes: KERN_INVALID_ADDRESS at 0x{hex16}⏎Crashed Thread:  {digit}"),
    "blue screen": _kind("{hex8}`{hex8} {hex8}`{hex8} {word}!{camel}+0x{hex2}\nSTACK_TEXT:  ⏎{hex8} {hex8} {hex8} {hex8} nt!{camel}+0x{hex2}\n{word}.sys  {hex8}`{hex8} - {hex8}`{hex8}   {time}\nMODULE_NAME: {word}⏎FAULTING_IP: ⏎{word}!{camel}+{hex4}⏎BUGCHECK_STR:  0x{hex2}", "Microsoft (R) Windows Debugger Version {version}⏎Loading Dump File [{windows}]"),
    "system report": _kind("{int}MHz {camel} ({hex4}:{hex4})\nDevice {small}: {camel} {word} (driver {version}, {time})\n==> {path} [{int}] ({camel} Corporation)\n({camel} Inc.) {windows}\n{time} - {time} - {int} ____D {windows}\nFF Plugin: @{domain}/{camel} -> {windows} [{camel}]"),
    "boot messages": _kind("[  OK  ] Started {camel} {word}.\n[FAILED] Failed to start {word} {word}.\n         Starting {camel} {word}...\n{word}{digit} at {word}{digit}: <{camel} {word} {version}> on {name}{digit}\n{word}{digit}: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> mtu {int}"),
    "network config": _kind("eth{digit}: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500⏎        inet {ip}  netmask 255.255.255.0  broadcast {ip}⏎        ether {mac}  txqueuelen 1000  (Ethernet)⏎        RX packets {big}  bytes {big} ({float} MiB)\ntcp        0      0 {ip}:{int}          {ip}:{int}         ESTABLISHED {int}/{name}\n{ip} via {ip} dev eth{digit} proto static metric {int}\n{ip}/24 dev wlan{digit}  proto kernel  scope link  src {ip}"),
    "packet trace": _kind("{clock}.{big} IP {ip}.{int} > {ip}.{int}: Flags [P.], seq {int}:{int}, ack {int}, win {int}, length {int}\n{seq}\t{float}\t{ip}\t{ip}\tTCP\t{int}\t{int} → {int} [ACK] Seq={int} Ack={int} Win={int} Len=0\n{clock}.{big} ARP, Request who-has {ip} tell {ip}, length 28"),
    "game server": _kind("[{clock}] [Server thread/{level}]: {user} {phrase} at ({float}, {float}, {float})\n[{clock}] [Client thread/{level}] [{word}]: {message}\nL {time}: \"{user}<{small}><STEAM_0:1:{big}><CT>\" killed \"{user}<{small}><STEAM_0:0:{big}>\" with \"{word}\"\n{clock} {camel}.cpp({int}): {message}"),
    "transfer log": _kind("Status:\tResolving address of {domain}⏎Command:\tUSER {user}⏎Response:\t331 Password required for {user}⏎Error:\t{message}\nsent {int} bytes  received {int} bytes  {float} bytes/sec\n{path}⏎      {big} {small}%  {float}MB/s    0:00:{small} (xfr#{seq}, to-chk={int}/{int})\n{time} {file} -> {ip} {path} {int} bytes"),
    "modem log": _kind("AT+{upper}={digit},{small}⏎+{upper}: {digit},\"{ip}\",{int}⏎OK\n[{uptime}] >>> {HEX8} {HEX8}⏎[{uptime}] <<< ACK {hex2}\nTX: {hex2} {hex2} {hex2} {hex2} {hex2} {hex2}\nRX: {hex2} {hex2} {hex2} {hex2}   crc={hex4}\nCAN {hex4} [8] {hex2} {hex2} {hex2} {hex2} {hex2} {hex2} {hex2} {hex2}"),
    "printer steps": _kind("Send: N{seq} G1 X{float} Y{float} E{float}*{small}⏎Recv: ok\nRecv: T:{float} /{float} B:{float} /{float} @:{small} B@:{int}\nG1 X{float} Y{float} E{float} F{int}\n{clock}.{int} : N{seq} M105*{small}"),
    "encoder output": _kind("frame={int} fps={small} q={float} size={int}kB time=00:{clock} bitrate={float}kbits/s speed={float}x\n    Stream #0:{digit}(eng): Video: h264 (High) (avc1 / 0x{HEX8}), yuv420p, {int}x{int}, {int} kb/s\n[{word} @ 0x{hex12}] {message}\n[swscaler @ 0x{hex12}] deprecated pixel format used"),
    "linker output": _kind("{hex16} T _{snake}\n                 U {snake}@@GLIBC_{version}\n\tlib{name}.so.{digit} => {path} (0x{hex16})\n  [{small}] .{word}             PROGBITS         {hex16}  {hex8}\n{hex8} <{snake}+0x{hex2}>:⏎  {hex8}:\t{hex2} {hex2} {hex2}             \tmov    %eax,-0x{hex2}(%rbp)"),
    "build steps": _kind("[{small}%] Building CXX object {path}.o\ng++ -O2 -Wall -I{path} -D{upper}={digit} -c {file} -o {name}.o\nchecking for {file}... yes\nchecking whether {name} supports {name}... (cached) no\nmake[{digit}]: Entering directory '{path}'\n{camel}.vcxproj -> {windows}\nmake: *** [{name}.o] Error {digit}"),
    "garbage collection": _kind("{float}: [GC (Allocation Failure) [PSYoungGen: {big}K->{int}K({big}K)] {big}K->{big}K({big}K), {float} secs]\n[{float}s][info][gc] GC({seq}) Pause Young (Normal) (G1 Evacuation Pause) {int}M->{int}M({int}M) {float}ms\n  Heap after GC invocations={small} (full {digit}):"),
    "spark log": _kind("{time} INFO {camel}: Starting task {float} in stage {float} (TID {int}, {host}, executor {digit}, partition {small})\n{time} WARN {camel}: {message}\n{time} INFO {camel}: Block {word}_{int}_piece{digit} stored as bytes in memory (estimated size {float} KiB, free {float} MiB)"),
    "object printout": _kind("array({small}) {⏎  [\"{snake}\"]=>⏎  string({small}) \"{word}\"⏎  [\"{word}\"]=>⏎  int({int})\n<{camel} object at 0x{hex12}>\n[{snake}] => {int}\n    [{word}] => {camel} Object ( [{word}] => {small} )\n[{word}:protected] => {uuid}"),
    "registry export": _kind("[HKEY_LOCAL_MACHINE\\SOFTWARE\\{camel}\\{camel}]⏎\"{camel}\"=dword:{hex8}⏎\"{camel}\"=\"{windows}\"\n\"{camel}\"=hex:{hex2},{hex2},{hex2},{hex2},{hex2},{hex2}\n@=\"{{uuid}}\""),
    "trading log": _kind("{time} {upper} BUY {int} @ {float} filled {int}\n8=FIX.4.2|9={int}|35=D|49={upper}|56={word}|34={seq}|52={time}|55={word}|44={float}|10={int}|\n{time} [{upper}] bid={float} ask={float} vol={big}"),
    "block chain log": _kind("{time} UpdateTip: new best={hex16}{hex16}{hex16}{hex16} height={big} tx={big} progress={float}\n{level} [{time}] Imported new chain segment  blocks={small} txs={int} mgas={float} elapsed={float}ms number={big} hash={hex8}…{hex8}\n{hex16}{hex16}{hex16}{hex16} {float} BTC"),
    "crawler log": _kind("{time} [scrapy.core.engine] DEBUG: Crawled ({code}) <GET {url}> (referer: {url})\n--{time}--  {url}⏎Resolving {domain}... {ip}⏎Connecting to {domain}|{ip}|:80... connected.⏎HTTP request sent, awaiting response... {code} OK\n{code} {verb_http} {url} {int}ms {int}b"),
    "authentication log": _kind("{syslog} {my_host} sshd[{int}]: Failed password for invalid user {user} from {ip} port {int} ssh2\n{syslog} {my_host} sudo: {user} : TTY=pts/{digit} ; PWD={path} ; USER=root ; COMMAND={path}\nType={upper} msg=audit({epoch}.{int}:{int}): pid={int} uid={digit} auid={big} ses={digit} msg='op={word} acct=\"{user}\" res=failed'"),
    "disk report": _kind("/dev/sd{digit}        {big}  {big}  {big}  {small}% {path}\n{small} {word}_{word}_Ct     0x00{hex2}   {int}   {int}   000    Old_age   Always       -       {big}\n{my_name} {float} {float} {int} {int} {float}%\nLBA {big}: read error {hex2} {hex2} {hex2}, sector {big}"),
    "localised errors": _kind("Fehler {int}: Die Datei „{path}“ wurde nicht gefunden.\n[{time}] FEHLER {camel}: {message}\n{time} Ошибка [{int}]: {message} ({path})\n{time} エラー {hex8}: {message}\n{time} 错误 {camel}:{int} {message}\n{time} Erreur {camel} : {message} ({int})"),
    "trace spans": _kind("{uuid} {uuid} {name} {int}us status={code}\ntrace_id={hex16}{hex16} span_id={hex16} {hump} {float}ms\n{time}|{level}|{uuid}|{my_name}|{camel}|{message}|{int}"),
    "debug prints": _kind("{hump}: {int}\n{hump}() called with {int}\n>>> {snake} = {float}\nDEBUG {hump} {word}={word}\nhere {seq}\nx={float}, y={float}, z={float}\n{word}[{small}] = {int}"),
    "game records": _kind("PokerStars Hand #{big}: Hold'em No Limit ($0.{small}/$0.{small}) - {time}⏎Seat {digit}: {user} (${float} in chips)⏎{user}: posts small blind $0.{small}⏎{user}: raises ${float} to ${float}⏎{user}: folds⏎Uncalled bet (${float}) returned to {user}"),
    "scheduler log": _kind("{time} - Job \"{name}\" (next run at: {time}) executed successfully\n[{time}: {level}/ForkPoolWorker-{digit}] Task {package}.{snake}[{uuid}] succeeded in {float}s: None\n{int} {my_host} {name} {my_user} R {small}:{small} {digit} {host}\nTask {uuid} {verb}, exit status {digit}"),
    "mail queue": _kind("{HEX8}B     {int} {time}  {user}@{domain}⏎(connect to {domain}[{ip}]:25: Connection timed out)⏎                                         {user}@{domain}\n{syslog} {my_host} postfix/smtp[{int}]: {HEX8}: to=<{user}@{domain}>, relay={domain}[{ip}]:25, delay={float}, dsn=2.0.0, status=sent (250 ok)"),
}  # fmt: skip

IMPROVISED: Final = "improvised"
_ORDER = sorted(KINDS)
TUNED: Final = tuple(_ORDER[::2])
HELD_OUT: Final = tuple(_ORDER[1::2])


def dump(kind: str, seed: random.Random, lines: int) -> list[str]:
    """Return a dump of about so many lines of a kind, none of them blank."""
    body, head, foot = Kind(improvised(seed)) if kind == IMPROVISED else KINDS[kind]
    fields = Fields(seed)
    chosen = [_fixed(each, fields, seed) for each in seed.sample(body, seed.randint(1, min(4, len(body))))]
    weights = [seed.random() + 0.1 for _ in chosen]
    result: list[str] = []
    for template in head if seed.random() < 0.7 else ():
        result += fields.fill(template).split("\n")
    while len(result) < lines:
        result += fields.fill(seed.choices(chosen, weights)[0]).split("\n")
    for template in foot if seed.random() < 0.7 else ():
        result += fields.fill(template).split("\n")
    return [line for line in _as_extracted(result, seed) if line.strip()]


def _fixed(template: str, fields: Fields, seed: random.Random) -> str:
    """Return a template some of whose words stay the same throughout the dump, as a program's words do."""
    rate = seed.choice((0, 0, 0.3, 0.7))
    words = re.compile(r"\{(word|verb|phrase|snake|camel|hump|name|upper)\}")
    return words.sub(lambda match: fields.fill(match[0]) if seed.random() < rate else match[0], template)


def _as_extracted(lines: list[str], seed: random.Random) -> list[str]:
    """Return the lines as pages show them: white space kept or lost, quoted, wrapped, or with a few odd lines."""
    if seed.random() < 0.6:
        lines = [" ".join(line.split()) for line in lines]
    if seed.random() < 0.08:
        lines = [f"> {line}" for line in lines]
    if seed.random() < 0.08:
        width = seed.choice((60, 72, 80, 100))
        lines = [line[at : at + width] for line in lines for at in range(0, max(1, len(line)), width)]
    if seed.random() < 0.15 and len(lines) >= 8:
        for _ in range(max(1, len(lines) // 40)):
            odd = seed.choice(("", "...", "^C", "done", "--", "(snip)", "$", "====", "}", "exit 1", "[...]"))
            lines.insert(seed.randint(2, len(lines) - 2), odd)
    return lines
