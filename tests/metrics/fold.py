"""Folds a log into cases, event by event, in the most straightforward way.

It shares no code with Docket: what the read models say is compared with what this makes of the same entries. It is slow
and it keeps everything in memory. Times are whole milliseconds since 1970, UTC.
"""

import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

ACTIVE = {"new", "open", "pending_customer", "pending_third_party", "pending_internal"}
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(text):
    """An instant of the log."""
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(milliseconds=1)


def instant(of_millis):
    return EPOCH + timedelta(microseconds=int(of_millis * 1000))


class Calendar:
    """Opening hours: adds up the open stretches of one local day after the other."""

    def __init__(self, rule):
        self.zone = ZoneInfo(rule["zone"])
        self.hours = rule.get("hours", {})
        self.dates = rule.get("dates", {})
        self.holidays = set(rule.get("holidays", []))
        self.known = {}

    def opens(self, day):
        """The open stretches of a local day."""
        if day not in self.known:
            written = self.hours.get(DAYS[day.weekday()], [])
            if day.isoformat() in self.holidays or f"{day:%m-%d}" in self.holidays:
                written = []
            written = self.dates.get(day.isoformat(), written)
            self.known[day] = [tuple(self.edge(day, edge) for edge in one.split("-")) for one in written]
        return self.known[day]

    def edge(self, day, text):
        hour, minute = (int(part) for part in text.strip().split(":"))
        local = datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)
        # Of a local time that occurs twice the first; one that does not exist moves on by the length of the gap.
        return (local.replace(tzinfo=self.zone, fold=0).astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)

    def open_millis(self, begin, end):
        day = instant(begin).astimezone(self.zone).date() - timedelta(days=1)
        last = instant(end).astimezone(self.zone).date() + timedelta(days=1)
        total = 0
        while day <= last:
            total += sum(max(0, min(end, to) - max(begin, opens)) for opens, to in self.opens(day))
            day += timedelta(days=1)
        return total


class Clock:
    def __init__(self, reading):
        self.name, self.instance = reading["clock"], reading["instance"]
        self.state, self.met_at, self.breached_at = "running", None, None
        self.then, self.is_left_out = None, False

    @property
    def outcome_at(self):
        return self.met_at if self.breached_at is None else self.breached_at

    def is_overdue(self, now):
        return self.state == "running" and self.breached_at is None and self.due_at is not None and self.due_at < now


class Case:
    """What became of one case."""

    def __init__(self, case_id, body, at):
        self.case_id, self.opened_at, self.channel = case_id, at, body["channel"]
        self.customer, self.tier = body.get("customerId"), body.get("tier")
        self.knows_responses = body.get("responsesUnknown") is not True
        self.status, self.type = body["status"], body["type"]
        self.category = self.priority = self.queue = self.assignee = None
        self.first_response_at = self.first_resolved_at = self.resolved_at = self.closed_at = None
        self.first_responder = self.at_response = self.at_first_resolution = self.at_resolution = None
        self.first_reopened_at = self.waiting_since = None
        self.reopens = self.transfers = 0
        self.queues = []
        self.replies, self.messages, self.efforts, self.obligations = [], [], [], []
        self.requests, self.answers, self.articles = [], [], []
        self.clocks, self.stretches = {}, []
        self.calendar = None

    def now_is(self):
        return (self.status, self.queue, self.assignee, self.priority, self.type, self.category)

    @property
    def is_active(self):
        return self.status in ACTIVE

    def open_millis(self, log, begin, end):
        if self.calendar is None or end is None:
            return None
        return log.calendar(*self.calendar).open_millis(begin, end)


class Log:
    """All cases of a log, and the policies that they were decided under."""

    def __init__(self, lines):
        self.cases, self.policies, self.calendars, self.zone, self.position = {}, [], {}, "UTC", 0
        for line in lines:
            read = json.loads(line)
            self.position = read["position"]
            entry = read["entry"]
            if entry["kind"] == "policy":
                self.publish(read["position"], entry)
            if entry["kind"] == "case":
                self.apply(entry)

    def publish(self, position, entry):
        document = entry["events"][-1]["policyPublished"]["document"]
        if isinstance(document, str):
            import tomllib

            document = tomllib.loads(document)
        self.zone = document.get("reporting", {}).get("zone", "UTC")
        for name, rule in document.get("calendars", {}).items():
            self.calendars[entry["version"], name] = Calendar(rule)
        self.policies.append((entry["version"], millis(entry["at"]), entry["by"], entry.get("onBehalfOf"), position))

    def calendar(self, policy, name):
        return self.calendars[policy, name]

    def day(self, at):
        return instant(at).astimezone(ZoneInfo(self.zone)).date()

    def apply(self, entry):
        entry_at = millis(entry["at"])
        self.is_live = not entry.get("backdated", False)
        who = entry.get("onBehalfOf", entry["by"])
        if entry["events"] and "opened" in entry["events"][0]:
            self.cases[entry["of"]] = Case(entry["of"], entry["events"][0]["opened"], entry_at)
        case = self.cases[entry["of"]]
        before = case.now_is() if case.stretches else None
        reached = (case.first_response_at, case.first_resolved_at, case.resolved_at)
        ran_in, last = case.queue, None
        for number, event in enumerate(entry["events"]):
            ((name, body),) = event.items()
            at = millis(body["at"]) if "at" in body else entry_at
            is_clock = name.startswith("clock")
            # A clock that ends because the case is moved ran where the case was before: what a command does comes
            # first, and then what that does to clocks.
            if last is None or last[0] != at or (last[1] and not is_clock) or name == "clockStarted":
                ran_in = case.queue
            last = (at, is_clock)
            if is_clock:
                self.turn(case, name, body, at, ran_in)
            else:
                self.happen(case, name, body, at, who)
        self.settle(case, entry_at, before, reached)

    def happen(self, case, name, body, at, who):
        if name == "responded" and not body["automatic"]:
            case.replies.append(at)
            case.first_responder = case.first_responder or who
            self.answer(case, at, who)
            case.first_response_at = at if case.first_response_at is None else case.first_response_at
        if name == "messageReceived":
            case.messages.append((at, body.get("channel", case.channel), case.queue))
            if not body["ack"] and (case.knows_responses or self.is_live) and case.waiting_since is None:
                case.waiting_since = at
        if name == "absorbed" and "waitingSince" in body:
            # Who waited longer in the case that was taken in has waited longer in this one.
            since = millis(body["waitingSince"])
            case.waiting_since = since if case.waiting_since is None else min(since, case.waiting_since)
        if name == "classified":
            case.type, case.category, case.priority = body["type"], body.get("category"), body["priority"]
        if name == "routed" and body["queue"] != case.queue:
            case.transfers += case.queue is not None
            case.queue = body["queue"]
            case.queues.append(case.queue)
        if name == "assigned":
            case.assignee = body["agent"]
        if name == "unassigned":
            case.assignee = None
        if name == "effortLogged":
            case.efforts.append((at, who, body.get("activity"), body["seconds"]))
        if name in ("articleAttached", "articleDetached"):
            case.articles.append((at, name, body["articleId"]))
        if name == "articleNotFound":
            case.articles.append((at, name, None))
        if name == "resolved":
            case.first_resolved_at = at if case.first_resolved_at is None else case.first_resolved_at
            case.resolved_at = at
            if body.get("articleId"):
                case.articles.append((at, name, body["articleId"]))
        if name == "closed":
            case.closed_at = at
        if name in ("reopened", "cancelled"):
            case.reopens += name == "reopened"
            case.resolved_at = case.closed_at = None
        if name == "unmerged" and "answeredAt" in body:
            # The other case does not say who answered.
            self.answer(case, millis(body["answeredAt"]), None)
            if case.first_response_at is None:
                case.first_response_at = millis(body["answeredAt"])
        if name == "surveyRequested":
            case.requests.append((at, body["survey"], case.queue, case.assignee))
        if name == "surveyAnswered":
            case.answers.append((at, body["survey"], body["score"], case.queue, case.assignee))
        case.status = body.get("status", case.status)

    def answer(self, case, at, who):
        if case.waiting_since is not None:
            asked = case.waiting_since
            case.obligations.append((asked, at, who, case.open_millis(self, asked, at)))
            case.waiting_since = None

    def turn(self, case, name, reading, at, ran_in):
        clock = case.clocks.setdefault((reading["clock"], reading["instance"]), Clock(reading))
        clock.due_at = millis(reading["dueAt"]) if "dueAt" in reading else None
        clock.warn_at = millis(reading["warnAt"]) if "warnAt" in reading else None
        states = {"clockStarted": "running", "clockResumed": "running", "clockPaused": "paused", "clockMet": "met"}
        clock.state = states.get(name, "cancelled" if name == "clockCancelled" else clock.state)
        clock.is_left_out = name == "clockCancelled" and reading.get("cause") == "merge"
        had = clock.outcome_at
        if name == "clockMet":
            clock.met_at = at
        if name == "clockBreached":
            clock.breached_at = at if reading.get("cause") == "retarget" else min(clock.due_at or at, at)
        if had is None and clock.outcome_at is not None:
            clock.then = (ran_in, case.priority, case.assignee)
        has_resolution = any(kind == "resolution" for kind, _ in case.clocks)
        if reading["clock"] == "resolution" or (reading["clock"] == "first_response" and not has_resolution):
            case.calendar = (reading["policy"], reading["calendar"])

    def settle(self, case, at, before, reached):
        """What stands with the case from this entry on."""
        now = case.now_is()
        then = (case.queue, case.priority, case.assignee)
        if case.first_response_at != reached[0]:
            case.at_response = then
        if case.first_resolved_at != reached[1]:
            case.at_first_resolution = (*then, case.type)
        if case.resolved_at is not None and case.resolved_at != reached[2]:
            case.at_resolution = then
        if case.first_resolved_at is not None and case.is_active and case.first_reopened_at is None:
            case.first_reopened_at = at
        if before is None or now != before:
            if case.stretches:
                case.stretches[-1]["until"] = at
            case.stretches.append({"from": at, "until": None, "is": now})


def read(path):
    with open(path, encoding="utf-8") as lines:
        return Log(lines)


def grouped(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
