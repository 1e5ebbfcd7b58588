"""What every relation and function of schema docket is to hold, made from a log without SQL.

    python3 relations.py LOG NOW [BEGIN MIDDLE END]

reads the lines of `docket log --json` and prints a line of JSON for each query: the query, and its rows as lists. NOW is
the moment of the transaction in which the queries are asked, in microseconds since 1970; numbers over a period are asked
for the stretches between the other moments, in milliseconds.
"""

import json
import math
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from fold import ACTIVE, grouped, instant, read

BY = ["queue", "priority", "type", "category", "channel", "tier", "agent"]
CLOCK_STATES = ("running", "paused")
QUARTER = 15 * 60 * 1000
DAY = 24 * 60 * 60 * 1000
BUCKETS = [(4 / 24, "<4h"), (1, "4-24h"), (3, "1-3d"), (7, "3-7d"), (14, "7-14d"), (30, "14-30d"), (1e9, ">=30d")]


def sql_time(at):
    """A moment as JSON of Postgres has it."""
    if at is None:
        return None
    text = instant(at).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text}+00:00"


def of_millis(amount):
    return None if amount is None else float(Fraction(amount) / 1000)


def seconds(begin, end):
    return None if end is None else of_millis(end - begin)


def rate(part, whole):
    return part / whole if whole else None


def quantile(numbers, part):
    """Between the two nearest, as percentile_cont has it."""
    if not numbers:
        return None
    numbers = sorted(numbers)
    place = part * (len(numbers) - 1)
    low, high = math.floor(place), math.ceil(place)
    return numbers[low] if low == high else numbers[low] + (place - low) * (numbers[high] - numbers[low])


def mean(of_millis):
    return sum(of_millis) / (1000 * len(of_millis)) if of_millis else None


def bucket(age):
    return next(name for days, name in BUCKETS if age < days * DAY)


class Numbers:
    def __init__(self, log, now_micros):
        self.log, self.now = log, Fraction(now_micros, 1000)
        self.cases = list(log.cases.values())

    def until(self, stretch):
        return self.now if stretch["until"] is None else stretch["until"]

    # Rows of cases.

    def case_times(self):
        for case in self.cases:
            spent = Counter()
            for stretch in case.stretches[:-1]:
                spent[stretch["is"][0]] += stretch["until"] - stretch["from"]
            still = seconds(case.stretches[-1]["from"], self.now)
            working = still if case.status in ("new", "open") else 0
            holding = still if case.status in ("pending_third_party", "pending_internal") else 0
            work = spent["new"] + spent["open"]
            hold = spent["pending_third_party"] + spent["pending_internal"]
            opened = lambda end: of_millis(case.open_millis(self.log, case.opened_at, end))
            clocks = [clock for clock in case.clocks.values() if not clock.is_left_out]
            if any(clock.breached_at is not None or clock.is_overdue(self.now) for clock in clocks):
                met = False
            elif any(clock.state in CLOCK_STATES for clock in clocks):
                met = None
            else:
                met = True if any(clock.met_at is not None for clock in clocks) else None
            yield [
                case.case_id, case.calendar and case.calendar[1],
                seconds(case.opened_at, case.first_response_at), opened(case.first_response_at),
                seconds(case.opened_at, case.first_resolved_at), opened(case.first_resolved_at),
                seconds(case.opened_at, case.resolved_at), opened(case.resolved_at),
                (work + hold) / 1000 + working + holding, hold / 1000 + holding, work / 1000 + working,
                sum(effort[3] for effort in case.efforts), len(case.replies), len(case.messages),
                len({stretch["is"][2] for stretch in case.stretches} - {None}),
                len({stretch["is"][1] for stretch in case.stretches} - {None}),
                self.is_ping_pong(case), self.is_one_touch(case), case.first_responder, met,
            ]  # fmt: skip

    def is_ping_pong(self, case):
        return any(first == third for first, third in zip(case.queues, case.queues[2:]))

    def is_one_touch(self, case):
        return None if case.first_resolved_at is None else len(case.replies) <= 1 and case.reopens == 0

    def time_in(self, place):
        for case in self.cases:
            spent, visits, last = Counter(), Counter(), object()
            for stretch in case.stretches:
                value = stretch["is"][place]
                spent[value] += self.until(stretch) - stretch["from"]
                visits[value] += value != last
                last = value
            for value in spent:
                yield [case.case_id, value, of_millis(spent[value]), visits[value]]

    def obligations(self):
        for case in self.cases:
            for number, (asked, answered, who, business) in enumerate(case.obligations, 1):
                times = [sql_time(asked), sql_time(answered), who, seconds(asked, answered), of_millis(business)]
                yield [case.case_id, number, *times]
            if case.waiting_since is not None and case.status != "merged":
                yield [case.case_id, len(case.obligations) + 1, sql_time(case.waiting_since), None, None, None, None]

    def contacts(self):
        """With the queue: a message's as it was then, an intake's the first that the case came into."""
        for case in self.cases:
            first = case.queues[0] if case.queues else None
            yield case, case.opened_at, case.channel, "intake", first
            for at, channel, queue in case.messages:
                yield case, at, channel, "message", queue or first

    def contact_rows(self):
        for case, at, channel, kind, queue in self.contacts():
            yield [case.case_id, sql_time(at), channel, case.customer, case.type, case.category, kind, queue]

    def efforts(self):
        for case in self.cases:
            for at, who, activity, spent in case.efforts:
                yield [case.case_id, sql_time(at), who, activity, spent]

    def policies(self):
        for version, at, by, on_behalf_of, position in self.log.policies:
            yield [version, sql_time(at), by, on_behalf_of, position]

    # Outcomes of clocks.

    def outcomes(self):
        """Case, clock, when, whether it was met, and the queue, priority and agent of that moment."""
        for case in self.cases:
            for clock in case.clocks.values():
                if clock.is_left_out:
                    continue
                if clock.outcome_at is not None:
                    yield case, clock, clock.outcome_at, clock.breached_at is None, clock.then
                elif clock.is_overdue(self.now) and case.is_active:
                    yield case, clock, clock.due_at, False, (case.queue, case.priority, case.assignee)

    def outcome_rows(self):
        for case, clock, at, is_met, then in self.outcomes():
            yield [case.case_id, clock.name, clock.instance, sql_time(at), is_met, *then]

    def value(self, by, case, then):
        """Then: the queue, the priority and the agent of a moment."""
        of = {"queue": then[0], "priority": then[1], "agent": then[2], "type": case.type, "category": case.category}
        return {**of, "channel": case.channel, "tier": case.tier}[by]

    def attainment(self, begin, end, by):
        of_value = defaultdict(lambda: defaultdict(list))
        for case, clock, at, is_met, then in self.outcomes():
            if begin <= at < end:
                value = clock.name if by == "clock" else self.value(by, case, then)
                of_value[value][case.case_id].append(is_met)
        for value, cases in of_value.items():
            clocks = [is_met for of_case in cases.values() for is_met in of_case]
            met, whole = sum(clocks), sum(all(of_case) for of_case in cases.values())
            yield [value, met, len(clocks) - met, met / len(clocks), whole, len(cases) - whole, whole / len(cases)]

    def sla_attainment(self):
        key = lambda one: (self.log.day(one[2]).isoformat(), one[4][0], one[4][1], one[1].name)
        for group, found in grouped(self.outcomes(), key).items():
            met = sum(one[3] for one in found)
            yield [*group, met, len(found) - met, met / len(found)]

    # Numbers over a period.

    def times(self, begin, end, by, when, then_of):
        of_value = defaultdict(list)
        for case in self.cases:
            at = getattr(case, when)
            if at is not None and begin <= at < end:
                of_value[self.value(by, case, then_of(case))].append(
                    (at - case.opened_at, case.open_millis(self.log, case.opened_at, at))
                )
        for value, found in of_value.items():
            wall = [one[0] for one in found]
            business = [one[1] for one in found if one[1] is not None]
            row = [value]
            for numbers in (wall, business):
                of_seconds = [number / 1000 for number in numbers]
                row += [len(numbers), quantile(of_seconds, 0.5), quantile(of_seconds, 0.9), mean(numbers)]
            yield row

    def response_times(self, begin, end, by):
        then = lambda case: (*(case.at_response or (None, None))[:2], case.first_responder)
        return self.times(begin, end, by, "first_response_at", then)

    def resolution_times(self, begin, end, by):
        return self.times(begin, end, by, "resolved_at", lambda case: case.at_resolution)

    def repeats(self, within):
        known = [case for case in self.cases if case.customer is not None and case.category is not None]
        for of_customer in grouped(known, lambda case: (case.customer, case.category)).values():
            of_customer.sort(key=lambda case: (case.opened_at, case.case_id))
            for before, case in zip(of_customer, of_customer[1:]):
                solved = before.first_resolved_at
                if solved is not None and solved <= case.opened_at < solved + within:
                    yield case, before

    def repeat_contacts(self, within):
        for case, before in self.repeats(within):
            gap = seconds(before.first_resolved_at, case.opened_at)
            yield [case.case_id, before.case_id, case.customer, case.category, gap]

    def repeat_contact_rate(self, within, begin, end):
        known = [case for case in self.cases if case.customer is not None and case.category is not None]
        cases = sum(begin <= case.opened_at < end for case in known)
        repeats = sum(begin <= case.opened_at < end for case, _ in self.repeats(within))
        yield [cases, repeats, rate(repeats, cases)]

    def first_contact_resolution(self, within, begin, end):
        others = grouped(self.cases, lambda case: (case.customer, case.category))
        of_queue = defaultdict(list)
        for case in self.cases:
            solved = case.first_resolved_at
            if solved is None or not begin <= solved < end or solved + within > self.now:
                continue
            came_back = case.first_reopened_at is not None and case.first_reopened_at < solved + within
            if case.customer is not None and case.category is not None:
                came_back |= any(
                    other is not case and solved <= other.opened_at < solved + within
                    for other in others[case.customer, case.category]
                )
            of_queue[case.at_first_resolution[0]].append(not came_back)
        for queue, found in of_queue.items():
            yield [queue, len(found), sum(found), sum(found) / len(found)]

    def quality(self, begin, end, by):
        of_value = defaultdict(list)
        for case in self.cases:
            if case.first_resolved_at is not None and begin <= case.first_resolved_at < end:
                of_value[self.value(by, case, case.at_first_resolution)].append(case)
        for value, cases in of_value.items():
            count = lambda holds: sum(bool(holds(case)) for case in cases)
            reopened, moved = count(lambda case: case.reopens), count(lambda case: case.transfers)
            one_touch, all_of_them = count(self.is_one_touch), len(cases)
            worked = [sum(e[3] for e in case.efforts) for case in cases if case.closed_at is not None]
            yield [
                value, all_of_them, reopened, reopened / all_of_them, moved, moved / all_of_them,
                count(self.is_ping_pong), one_touch, one_touch / all_of_them,
                sum(worked) / len(worked) if worked else None, len(worked),
            ]  # fmt: skip

    def survey_results(self, begin, end, survey, by):
        asked, given = Counter(), defaultdict(list)
        for case in self.cases:
            then = lambda queue, agent: self.value(by, case, (queue, case.priority, agent))
            for at, kind, queue, agent in case.requests:
                asked[then(queue, agent)] += kind == survey and begin <= at < end
            for at, kind, score, queue, agent in case.answers:
                if kind == survey and begin <= at < end:
                    given[then(queue, agent)].append(score)
        for value in {value for value, count in asked.items() if count} | set(given):
            yield [value, asked[value], len(given[value]), rate(len(given[value]), asked[value]), score_of(survey, given[value])]

    def csat_daily(self):
        answers = [
            (self.log.day(at).isoformat(), queue, score)
            for case in self.cases
            for at, kind, score, queue, _ in case.answers
            if kind == "csat"
        ]
        for (day, queue), found in grouped(answers, lambda one: one[:2]).items():
            scores = [one[2] for one in found]
            satisfied = sum(score >= 4 for score in scores)
            yield [day, queue, len(scores), satisfied, satisfied / len(scores), sum(scores) / len(scores)]

    def resolutions_daily(self):
        solved = [case for case in self.cases if case.first_resolved_at is not None]
        key = lambda case: (self.log.day(case.first_resolved_at).isoformat(), *self.resolved_as(case))
        for group, cases in grouped(solved, key).items():
            known = [case for case in cases if case.knows_responses]
            unanswered = sum(
                case.first_response_at is None or case.first_response_at > case.first_resolved_at for case in known
            )
            yield [*group, len(cases), len(known), unanswered, rate(unanswered, len(known))]

    def resolved_as(self, case):
        queue, priority, _, kind = case.at_first_resolution
        return queue, priority, kind

    # By day and by interval.

    def daily(self):
        days = defaultdict(Counter)
        for case in self.cases:
            day = self.log.day
            days[day(case.opened_at), case.queues[0] if case.queues else None]["opened"] += 1
            before = None
            for stretch in case.stretches:
                on = day(stretch["from"]) if before else day(case.opened_at)
                status, queue = stretch["is"][0], stretch["is"][1]
                was, was_in = (before[0], before[1]) if before else (None, None)
                here = days[on, queue]
                if before:
                    here["resolved"] += status == "resolved" != was
                    here["closed"] += status == "closed" != was
                    here["reopened"] += status in ACTIVE and was in ("resolved", "closed", "cancelled")
                    if queue != was_in and queue is not None and was_in is not None:
                        here["transferred_in"] += 1
                        days[on, was_in]["transferred_out"] += 1
                    if was in ACTIVE:
                        days[on, was_in]["went"] += 1
                here["came"] += status in ACTIVE
                before = (status, queue)
        for case, clock, at, is_met, then in self.outcomes():
            days[self.log.day(at), then[0]]["met" if is_met else "breached"] += 1
        today = self.log.day(self.now)
        counts = ["opened", "resolved", "closed", "reopened", "transferred_in", "transferred_out"]
        for queue in {queue for _, queue in days}:
            # A day on which nothing is counted is none of the queue's.
            known = [day for (day, of), found in days.items() if of == queue and any(found.values())]
            if not known:
                continue
            day, backlog = min(known), 0
            while day <= today:
                found = days.get((day, queue), Counter())
                backlog += found["came"] - found["went"]
                of_day = [found[count] for count in counts]
                yield [day.isoformat(), queue, *of_day, backlog, found["breached"], found["met"]]
                day += timedelta(days=1)

    def backlog_as_of(self, moment):
        held = Counter()
        for case in self.cases:
            for stretch in case.stretches:
                status, queue, _, priority, kind, _ = stretch["is"]
                lasts = stretch["until"] is None or stretch["until"] > moment
                if status in ACTIVE and stretch["from"] <= moment and lasts:
                    held[queue, priority, kind, bucket(moment - case.opened_at)] += 1
        return ([*group, count] for group, count in held.items())

    def queues(self):
        of_queue = grouped([case for case in self.cases if case.is_active], lambda case: case.queue)
        for queue, cases in of_queue.items():
            clocks = [c for case in cases for c in case.clocks.values() if c.state in CLOCK_STATES]
            warned = lambda clock: clock.state == "running" and clock.warn_at is not None and clock.warn_at <= self.now
            late = lambda clock: clock.breached_at is not None or clock.is_overdue(self.now)
            yield [
                queue, len(cases), sum(case.assignee is None for case in cases),
                sum(case.status.startswith("pending") for case in cases),
                sql_time(min(case.opened_at for case in cases)), sum(map(warned, clocks)), sum(map(late, clocks)),
            ]  # fmt: skip

    def at_risk(self, horizon):
        for case in self.cases:
            for clock in case.clocks.values():
                if case.is_active and clock.state == "running" and clock.due_at is not None:
                    if clock.due_at < self.now + horizon:
                        late = clock.breached_at is not None or clock.is_overdue(self.now)
                        due, warns = sql_time(clock.due_at), sql_time(clock.warn_at)
                        yield [case.case_id, clock.name, case.queue, case.assignee, case.priority, due, warns, late]

    def volume(self, begin, end, zone):
        came = Counter()
        for case, at, channel, kind, queue in self.contacts():
            if begin <= at < end:
                starts = begin + (at - begin) // QUARTER * QUARTER
                came[(starts, case.type, case.category, channel, queue), kind] += 1
        for key in {key for key, _ in came}:
            label = instant(key[0]).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
            yield [sql_time(key[0]), label, *key[1:], came[key, "intake"], came[key, "message"]]

    def intervals(self, begin, end, zone):
        for starts in range(begin, end, QUARTER):
            label = instant(starts).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
            yield [sql_time(starts), sql_time(starts + QUARTER), label]

    def drivers(self, day, weeks):
        monday = day - timedelta(days=day.weekday())
        this, before = Counter(), Counter()
        for case in self.cases:
            opened = self.log.day(case.opened_at)
            this[case.category] += monday <= opened < monday + timedelta(days=7)
            before[case.category] += monday - timedelta(days=7 * weeks) <= opened < monday
        for category in {category for category in this if this[category] or before[category]}:
            usual = before[category] / weeks
            change = this[category] - usual
            yield [category, this[category], usual, change, change / math.sqrt(usual) if usual else None]

    def knowledge_use(self, begin, end):
        solved = [c for c in self.cases if c.first_resolved_at is not None and begin <= c.first_resolved_at < end]
        used = Counter()
        for case in solved:
            last = {article: name for _, name, article in case.articles if article is not None}
            kept = [article for article, name in last.items() if name != "articleDetached"]
            used.update(kept)
            used[None] += bool(kept)
        for article in set(used) | {None}:
            yield [article, used[article], len(solved), rate(used[article], len(solved))]

    def knowledge_gaps(self, begin, end):
        missed = [
            (case, at)
            for case in self.cases
            for at, name, _ in case.articles
            if name == "articleNotFound" and begin <= at < end
        ]
        for category, found in grouped(missed, lambda one: one[0].category).items():
            cases = {case.case_id for case, _ in found}
            yield [category, len(found), len(cases), sql_time(max(at for _, at in found))]

    def scorecard(self, begin, end, by):
        """The metrics side by side, by their value."""
        keyed = lambda rows: {row[0]: row[1:] for row in rows}
        return (
            keyed(self.quality(begin, end, by)), keyed(self.response_times(begin, end, by)),
            keyed(self.resolution_times(begin, end, by)), keyed(self.attainment(begin, end, by)),
            keyed(self.survey_results(begin, end, "csat", by)),
        )  # fmt: skip

    def scorecard_agents(self, begin, end):
        quality, responses, resolutions, outcomes, surveys = self.scorecard(begin, end, "agent")
        work = grouped(
            [effort for case in self.cases for effort in case.efforts if begin <= effort[0] < end], lambda one: one[1]
        )
        for agent in set(quality) | set(responses) | set(resolutions) | set(outcomes) | set(surveys) | set(work):
            if agent is None:
                continue
            q = quality.get(agent, [0, 0, None, 0, None, 0, 0, None, None, 0])
            r, s = responses.get(agent, [0, None]), resolutions.get(agent, [0, None])
            o, v = outcomes.get(agent, [0, 0, None]), surveys.get(agent, [0, 0, None, None])
            w = work.get(agent, [])
            yield [
                agent, q[0], q[1], q[2], q[6], q[7], q[3], q[4], r[0], r[1], s[0], s[1], o[0], o[1], o[2],
                v[0], v[1], v[3], len(w), sum(one[3] for one in w),
            ]  # fmt: skip

    def scorecard_queues(self, begin, end):
        quality, responses, resolutions, outcomes, surveys = self.scorecard(begin, end, "queue")
        opened = Counter(
            case.queues[0] for case in self.cases if case.queues and begin <= case.opened_at < end
        )
        backlog = Counter()
        for queue, _, _, _, count in self.backlog_as_of(min(end, self.now)):
            backlog[queue] += count
        of_metrics = set(quality) | set(responses) | set(resolutions) | set(outcomes) | set(surveys)
        for queue in of_metrics | set(opened) | set(backlog):
            if queue is None:
                continue
            q = quality.get(queue, [0, 0, None, 0, None, 0, 0, None, None, 0])
            r, s = responses.get(queue, [0, None, None]), resolutions.get(queue, [0, None, None])
            o, v = outcomes.get(queue, [0, 0, None]), surveys.get(queue, [0, 0, None, None])
            yield [
                queue, opened[queue], q[0], q[1], q[2], q[3], q[4], q[6], q[7], *r[:3], *s[:3], o[0], o[1], o[2],
                v[0], v[1], v[3], backlog[queue],
            ]  # fmt: skip


def score_of(survey, scores):
    if not scores:
        return None
    if survey == "csat":
        return sum(score >= 4 for score in scores) / len(scores)
    if survey == "nps":
        return 100 * (sum(score >= 9 for score in scores) - sum(score <= 6 for score in scores)) / len(scores)
    return sum(scores) / len(scores)


def erlang_c(arrivals, interval, handling, agents, target):
    """By its definition, with factorials."""
    load = arrivals * handling / interval
    if load >= agents:
        return [load, None, None, None, None, False]
    top = load**agents / math.factorial(agents) * agents / (agents - load)
    waits = top / (sum(load**k / math.factorial(k) for k in range(agents)) + top)
    level = 1 - waits * math.exp(-(agents - load) * target / handling)
    return [load, waits, level, waits * handling / (agents - load), load / agents, True]


def queries(numbers, moments):
    """Every query with its rows."""
    n, log = numbers, numbers.log
    case_times = (
        "case_id, calendar, first_response_seconds, first_response_business_seconds, first_resolution_seconds, "
        "first_resolution_business_seconds, resolution_seconds, resolution_business_seconds, customer_wait_seconds, "
        "on_hold_seconds, work_seconds, handle_seconds, replies, messages, agents, queues, ping_pong, one_touch, "
        "first_responder, all_clocks_met"
    )
    yield f"SELECT {case_times} FROM docket.case_times", n.case_times()
    for place, (relation, column) in enumerate(
        [("time_in_status", "status"), ("time_in_queue", "queue"), ("time_with_agent", "agent")]
    ):
        yield f"SELECT case_id, {column}, seconds, visits FROM docket.{relation}", n.time_in(place)
    yield "SELECT * FROM docket.obligations", n.obligations()
    yield "SELECT case_id, at, channel, customer_id, type, category, kind, queue FROM docket.contacts", n.contact_rows()
    yield "SELECT case_id, at, agent, activity, seconds FROM docket.efforts", n.efforts()
    yield "SELECT policy, at, by, on_behalf_of, position FROM docket.policy_versions", n.policies()
    yield "SELECT zone FROM docket.reporting", [[log.zone]]
    yield "SELECT case_id, clock, instance, at, is_met, queue, priority, agent FROM docket.outcomes", n.outcome_rows()
    yield "SELECT * FROM docket.sla_attainment", n.sla_attainment()
    yield "SELECT * FROM docket.csat_daily", n.csat_daily()
    yield "SELECT * FROM docket.resolutions_daily", n.resolutions_daily()
    yield "SELECT * FROM docket.daily", n.daily()
    counts = "queue, open, unassigned, pending, oldest_opened_at, at_risk, breached"
    yield f"SELECT {counts} FROM docket.queues", n.queues()
    yield f"SELECT {counts} FROM docket.queues_as_of(now())", n.queues()
    yield "SELECT * FROM docket.backlog_aging", n.backlog_as_of(n.now)
    for horizon in (1, 30):
        yield f"SELECT * FROM docket.at_risk(interval '{horizon} days')", n.at_risk(horizon * DAY)
    for days in (7, 30):
        columns = "case_id, previous_case_id, customer_id, category, gap_seconds"
        repeats = n.repeat_contacts(days * DAY)
        yield f"SELECT {columns} FROM docket.repeat_contacts(interval '{days} days')", repeats
    for agents in (10, 14):
        # By another formula, which rounds elsewhere.
        counts = ["erlangs", "p_wait", "service_level", "asa_seconds", "occupancy"]
        rounded = ", ".join(f"round({count}::numeric, 9)::float8" for count in counts)
        told = erlang_c(100, 1800, 180, agents, 20)
        told = [None if value is None else round(value, 9) for value in told[:-1]] + told[-1:]
        yield f"SELECT {rounded}, stable FROM docket.erlang_c(100, 1800, 180, {agents}, 20)", [told]
    needed = next(agents for agents in range(11, 99) if erlang_c(100, 1800, 180, agents, 20)[2] >= 0.8)
    yield "SELECT docket.agents_needed(100, 1800, 180, 20, 0.8)", [[needed]]
    for moment in moments:
        yield f"SELECT * FROM docket.backlog_as_of('{sql_time(moment)}')", n.backlog_as_of(moment)
        day = log.day(moment)
        yield f"SELECT * FROM docket.drivers('{day}', 4)", n.drivers(day, 4)
    for begin, end in [(moments[0], moments[-1]), *zip(moments, moments[1:])]:
        yield from over(n, begin, end)


def over(n, begin, end):
    """Every query over a period with its rows."""
    period = f"'{sql_time(begin)}', '{sql_time(end)}'"
    for by in [*BY, "clock"]:
        yield f"SELECT * FROM docket.attainment({period}, '{by}')", n.attainment(begin, end, by)
    for by in BY:
        yield f"SELECT * FROM docket.response_times({period}, '{by}')", n.response_times(begin, end, by)
        yield f"SELECT * FROM docket.resolution_times({period}, '{by}')", n.resolution_times(begin, end, by)
        yield f"SELECT * FROM docket.quality({period}, '{by}')", n.quality(begin, end, by)
        for survey in ("csat", "ces", "nps"):
            results = n.survey_results(begin, end, survey, by)
            yield f"SELECT * FROM docket.survey_results({period}, '{survey}', '{by}')", results
    for days in (7, 30):
        within = f"interval '{days} days', {period}"
        rates = n.repeat_contact_rate(days * DAY, begin, end)
        yield f"SELECT * FROM docket.repeat_contact_rate({within})", rates
        solved = n.first_contact_resolution(days * DAY, begin, end)
        yield f"SELECT * FROM docket.first_contact_resolution({within})", solved
    zone = "Australia/Lord_Howe"
    yield f"SELECT * FROM docket.volume({period}, '{zone}', interval '15 minutes')", n.volume(begin, end, zone)
    yield f"SELECT * FROM docket.intervals({period}, '{zone}', interval '15 minutes')", n.intervals(begin, end, zone)
    yield f"SELECT * FROM docket.knowledge_use({period})", n.knowledge_use(begin, end)
    yield f"SELECT * FROM docket.knowledge_gaps({period})", n.knowledge_gaps(begin, end)
    yield f"SELECT * FROM docket.scorecard_agents({period})", n.scorecard_agents(begin, end)
    yield f"SELECT * FROM docket.scorecard_queues({period})", n.scorecard_queues(begin, end)


def main():
    path, now, *moments = sys.argv[1:]
    log = read(path)
    numbers = Numbers(log, int(now))
    for query, rows in queries(numbers, [int(moment) for moment in moments]):
        print(json.dumps({"query": query, "rows": list(rows)}))


if __name__ == "__main__":
    main()
