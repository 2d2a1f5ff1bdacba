/*
 * The clock of timed calls: the worker writes QuickStartedAt, QuickStarted and QuickStopped, the host reads them when a time may be over
 * (StartQuick, StopQuick; TimeOf, LookAtTime). Each call, or item of a map, is one number here.
 *
 * The host only reads, and the worker's stores become visible in their order: that they do so late is the same as a worker that is late.
 */
#ifndef CALLS
#define CALLS 2
#endif
#define BOUND 2
#define MOST (BOUND + 2)   /* the clock stands then: what can be over is */

byte clock;
byte Begun, QuickStarted, QuickStopped, QuickStartedAt;
byte answered, heard;
byte called[CALLS + 1];   /* when its function was called, plus 1 */
byte noted[CALLS + 1];    /* when the host believes that it was, plus 1 */
bool killed;

active proctype Time()
{
end:
	do
#ifdef HANGS
	:: clock < MOST - BOUND || (clock < MOST && called[CALLS]) -> clock++   /* there is time left when it hangs */
#else
	:: clock < MOST -> clock++
#endif
	od
}

active proctype Worker()
{
	byte n = 1, now;
	do
	:: n <= CALLS ->
		Begun = n;
		now = clock;
		called[n] = now + 1;
#ifdef STARTED_FIRST
		QuickStarted = n;
		QuickStartedAt = now;
#else
		QuickStartedAt = now;
		QuickStarted = n;
#endif
		if
#ifdef HANGS
		:: n < CALLS -> QuickStopped = n
#else
		:: QuickStopped = n
		:: skip   /* the function threw */
#endif
		:: n == CALLS -> break   /* it hangs */
		fi;
		answered = n;
		n++
	:: else -> break
	od;
end:
	(false)
}

/* Whoever takes answers. */
active proctype Hearing()
{
end:
	do
	:: heard < answered -> heard++
	od
}

active proctype Host()
{
	byte n, at, there;
	bool unheard;
	do
	:: !killed ->
		atomic { there = answered; unheard = (there > heard) }   /* under the lock that who takes answers needs too */
		n = Begun;
		if
		:: n <= heard -> skip
		:: else ->
			if
			:: QuickStopped == n -> skip
			:: else ->
				if
				:: QuickStarted != n -> skip
				:: else ->
					at = QuickStartedAt;
					if
#if defined(NO_SECOND_LOOK)
					:: false
#elif defined(READS_STARTED_AGAIN)
					:: QuickStarted != n -> skip
#else
					:: Begun != n -> skip
#endif
					:: else ->
						assert(noted[n] == 0 || noted[n] == at + 1);   /* an honest clock starts once */
						noted[n] = at + 1;
						assert(at <= clock);   /* and not in the future */
						if
						:: clock - at >= BOUND && !unheard ->
							assert(called[n] != 0 && clock - (called[n] - 1) >= BOUND);   /* nobody is killed before the time is over */
							assert(there < n);   /* nor when the answer was there */
							killed = true
						:: else -> skip
						fi
					fi
				fi
			fi
		fi
	:: killed -> break
#ifndef HANGS
	:: heard == CALLS -> break
#endif
	od;
end:
	(false)
}

#ifdef HANGS
ltl over { <> killed }
#endif
