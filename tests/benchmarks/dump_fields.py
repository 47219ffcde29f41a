"""Fields of made-up log lines: times, addresses, paths, names and messages, drawn by a seeded generator.

A template is text with fields in braces, `{time} {level} [{thread}] {dotted} - {message}`. What is the same throughout
one dump (its way to write a time, its host, its user) is drawn once a dump; the clock and the counter run on.
"""

# ruff: noqa: E501  (lists of words)
import random
import re
from datetime import UTC, datetime, timedelta

_TIMES = (
    "%Y-%m-%d %H:%M:%S,{ms}", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.{ms}Z", "[%d/%b/%Y:%H:%M:%S +0000]", "%b %d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S", "%H:%M:%S.{ms}", "[%H:%M:%S]", "%m/%d/%Y %I:%M:%S %p", "%y/%m/%d %H:%M:%S", "%a %b %d %H:%M:%S %Y",
    "[%Y-%m-%d %H:%M:%S]", "%d-%b-%Y %H:%M:%S.{ms}", "%H:%M:%S", "%Y%m%d-%H:%M:%S:{ms}", "%Y/%m/%d %H:%M:%S",
)  # fmt: skip
_PLAIN = [
    "connection",
    "cache",
    "session",
    "request",
    "response",
    "worker",
    "thread",
    "queue",
    "buffer",
    "socket",
    "table",
    "index",
    "user",
    "account",
    "order",
    "payment",
    "message",
    "channel",
    "stream",
    "device",
    "driver",
    "module",
    "service",
    "timer",
    "lock",
    "handle",
    "page",
    "block",
    "file",
    "folder",
    "record",
    "entry",
    "node",
    "cluster",
    "shard",
    "leader",
    "replica",
    "volume",
    "disk",
    "image",
    "container",
    "network",
    "interface",
    "packet",
    "route",
    "certificate",
    "token",
    "key",
    "parser",
    "template",
    "bundle",
    "asset",
    "plugin",
    "widget",
    "report",
    "job",
    "task",
    "batch",
    "event",
    "listener",
    "backup",
    "snapshot",
    "gateway",
    "sensor",
]
_DOES = [
    "started",
    "stopped",
    "failed",
    "opened",
    "closed",
    "accepted",
    "rejected",
    "created",
    "deleted",
    "updated",
    "received",
    "sent",
    "expired",
    "timed-out",
    "refused",
    "registered",
    "initialized",
    "loaded",
    "found",
    "skipped",
    "retried",
    "allocated",
    "released",
    "connected",
    "disconnected",
    "resolved",
    "completed",
    "aborted",
    "queued",
    "flushed",
    "mounted",
    "detected",
    "ignored",
    "reset",
    "restarted",
    "scheduled",
]
_NAMES = [
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "mallory",
    "niaj",
    "olivia",
    "peggy",
    "root",
    "admin",
    "deploy",
    "www-data",
]
_PLACES = [
    "srv",
    "web",
    "db",
    "app",
    "node",
    "gw",
    "mail",
    "proxy",
    "build",
    "edge",
    "worker",
    "cache",
    "lab",
    "pi",
    "nas",
    "desktop",
]
_ROOTS = ("/usr/lib", "/var/lib", "/home", "/opt", "/etc", "/usr/share", "/srv", "/tmp", "/proc", "/sys/devices")
_ENDS = [
    "py",
    "so.6",
    "java",
    "go",
    "js",
    "log",
    "conf",
    "txt",
    "c",
    "cpp",
    "h",
    "rb",
    "php",
    "xml",
    "json",
    "yml",
    "sql",
    "ts",
    "dll",
]
_FOREIGN = (
    "Verbindung zum Server verloren", "Datei nicht gefunden", "Zugriff verweigert", "connexion refusée par le serveur",
    "fichier introuvable", "la sesión ha caducado", "no se pudo abrir el archivo", "соединение закрыто сервером",
    "файл не найден", "接続が拒否されました", "连接超时", "인증에 실패했습니다", "připojení selhalo", "błąd odczytu pliku",
)  # fmt: skip
_FIELD = re.compile(r"\{(\w+)\}")


class Fields:
    """What the fields of one dump's templates become."""

    def __init__(self, seed: random.Random) -> None:
        self.random = seed
        self.clock = datetime(seed.randint(2003, 2025), seed.randint(1, 12), seed.randint(1, 28), tzinfo=UTC)
        self.clock += timedelta(seconds=seed.randint(0, 86_000))
        self.pace = seed.choice((0.002, 0.1, 1, 7, 60, 600))
        self.style = seed.choice(_TIMES)
        self.counter = seed.choice((0, 1, 1, seed.randint(0, 90_000)))
        self.own = {
            name: self._drawn(name) for name in ("host", "user", "ip", "package", "camel", "dotted", "path", "name")
        }
        self.foreign = seed.random() < 0.15

    def fill(self, template: str) -> str:
        """Return a line of a template; a field that begins with `my_` is the same in the whole dump."""
        return _FIELD.sub(lambda match: self._field(match[1]), template)

    def _field(self, name: str) -> str:
        return self.own[name[3:]] if name.startswith("my_") else self._drawn(name)

    def _drawn(self, name: str) -> str:
        return str(getattr(self, f"_{name}")())

    def _time(self) -> str:
        self.clock += timedelta(seconds=self.random.expovariate(1 / self.pace))
        return self.clock.strftime(self.style).replace("{ms}", f"{self.clock.microsecond // 1000:03d}")

    def _clock(self) -> str:
        self.clock += timedelta(seconds=self.random.expovariate(1 / self.pace))
        return f"{self.clock:%H:%M:%S}"

    def _minute(self) -> str:
        self.clock += timedelta(seconds=self.random.expovariate(1 / self.pace))
        return f"{self.clock:%H:%M}"

    def _iso(self) -> str:
        return f"{self.clock:%Y-%m-%d}T{self._clock()}Z"

    def _syslog(self) -> str:
        return f"{self.clock:%b} {self.clock.day:2d} {self._clock()}"

    def _epoch(self) -> str:
        self.clock += timedelta(seconds=self.random.expovariate(1 / self.pace))
        return f"{self.clock.timestamp():.0f}"

    def _uptime(self) -> str:
        self.clock += timedelta(seconds=self.random.expovariate(1 / self.pace))
        return f"{self.clock.timestamp() % 90_000:12.6f}"

    def _seq(self) -> int:
        self.counter += 1
        return self.counter

    def _digit(self) -> int:
        return self.random.randint(0, 9)

    def _small(self) -> int:
        return self.random.randint(1, 99)

    def _int(self) -> int:
        return self.random.randint(1, 9_999)

    def _big(self) -> int:
        return self.random.randint(10_000, 2 ** self.random.choice((17, 24, 32, 40)))

    def _float(self) -> str:
        return f"{self.random.uniform(0, 10 ** self.random.randint(0, 3)):.{self.random.randint(1, 4)}f}"

    def _signed(self) -> str:
        return f"{self.random.uniform(-180, 180):.5f}"

    def _hex2(self) -> str:
        return f"{self.random.getrandbits(8):02x}"

    def _hex4(self) -> str:
        return f"{self.random.getrandbits(16):04x}"

    def _hex8(self) -> str:
        return f"{self.random.getrandbits(32):08x}"

    def _HEX8(self) -> str:  # noqa: N802  (fields in capitals give capitals)
        return self._hex8().upper()

    def _hex12(self) -> str:
        return f"{self.random.getrandbits(47):012x}"

    def _hex16(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def _uuid(self) -> str:
        return f"{self._hex8()}-{self._hex4()}-{self._hex4()}-{self._hex4()}-{self._hex12()}"

    def _mac(self) -> str:
        return ":".join(self._hex2() for _ in range(6))

    def _ip(self) -> str:
        return ".".join(str(self.random.randint(1, 254)) for _ in range(4))

    def _ascii(self) -> str:
        return "".join(self.random.choice("....abcdefghRSTUVW0123 /<>=-_@") for _ in range(16))

    def _bytes16(self) -> str:
        return " ".join(self._hex2() for _ in range(8)) + "  " + " ".join(self._hex2() for _ in range(8))

    def _host(self) -> str:
        return f"{self.random.choice(_PLACES)}{self.random.choice(('', '-'))}{self.random.randint(1, 40):02d}"

    def _domain(self) -> str:
        return f"{self._host()}.{self.random.choice(_PLAIN)}.{self.random.choice(('example', 'test', 'local', 'net'))}"

    def _user(self) -> str:
        return self.random.choice(_NAMES)

    def _mode(self) -> str:
        return self.random.choice(("-rw-r--r--", "drwxr-xr-x", "-rwxr-xr-x", "lrwxrwxrwx", "-rw-------"))

    def _word(self) -> str:
        return self.random.choice(_PLAIN)

    def _verb(self) -> str:
        return self.random.choice(_DOES)

    def _name(self) -> str:
        return self.random.choice("-_").join(self.random.sample(_PLAIN, self.random.randint(1, 2)))

    def _snake(self) -> str:
        return "_".join(self.random.sample(_PLAIN, self.random.randint(2, 3)))

    def _camel(self) -> str:
        return "".join(word.capitalize() for word in self.random.sample(_PLAIN, self.random.randint(2, 3)))

    def _hump(self) -> str:
        camel = self._camel()
        return camel[0].lower() + camel[1:]

    def _upper(self) -> str:
        return self._snake().upper()

    def _package(self) -> str:
        return ".".join((self.random.choice(("org", "com", "net", "io")), *self.random.sample(_PLAIN, 2)))

    def _dotted(self) -> str:
        return f"{self._package()}.{self._camel()}"

    def _version(self) -> str:
        return ".".join(str(self.random.randint(0, 20)) for _ in range(3))

    def _end(self) -> str:
        return self.random.choice(_ENDS)

    def _file(self) -> str:
        return f"{self._name()}.{self._end()}"

    def _path(self) -> str:
        return "/".join(
            (self.random.choice(_ROOTS), *self.random.sample(_PLAIN, self.random.randint(1, 3)), self._file())
        )

    def _windows(self) -> str:
        parts = (self.random.choice(("C:", "C:", "D:")), self.random.choice(("Windows", "Program Files", "Users")))
        return "\\".join((*parts, *(w.capitalize() for w in self.random.sample(_PLAIN, 2)), f"{self._name()}.exe"))

    def _url(self) -> str:
        return f"http://{self._domain()}/{self._word()}/{self._int()}"

    def _route(self) -> str:
        return f"/{self._word()}/{self.random.choice((self._int(), self._word(), self._file()))}"

    def _level(self) -> str:
        return self.random.choice(("INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARN", "ERROR", "TRACE"))

    def _lower_level(self) -> str:
        return self._level().lower()

    def _thread(self) -> str:
        return self.random.choice(
            (f"pool-{self._digit()}-thread-{self._small()}", "main", f"http-nio-8080-exec-{self._small()}")
        )

    def _code(self) -> int:
        return self.random.choice((200, 200, 200, 301, 304, 400, 403, 404, 500, 502, 503))

    def _verb_http(self) -> str:
        return self.random.choice(("GET", "GET", "GET", "POST", "PUT", "HEAD"))

    def _phrase(self) -> str:
        return " ".join((self._word(), self._verb()))

    def _message(self) -> str:
        if self.foreign:
            return self.random.choice(_FOREIGN)
        return self.fill(self.random.choice((
            "{word} {verb}", "{word} {verb} for user {user}", "Failed to open {path}: {phrase}", "{camel} {verb} in {int} ms",
            "{verb} {small} of {small} {word}s", "{word} {verb}: {snake}={int}", "Could not connect to {ip}:{int}",
            "{phrase}, retrying in {small} seconds", "{phrase} after {float}s ({int} bytes)", "{word} {uuid} {verb}",
            "Loading {file} from {path}", "{word} '{name}' {verb} by {user}", "Starting {word} {word}", "{word} is not {verb}",
        )))  # fmt: skip
