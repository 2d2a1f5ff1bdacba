/*
 * Nobody sleeps beside what it waits for: a worker that waits for requests, callers that wait for their answers, the pump that takes the
 * answers that nobody attends. Of a ring only this is left: its records, in order (ring.pml proves that), and its Headers, as a count
 * of those published. Callers make their calls in every way: attended or not, blocking or not. With STREAM the consumer of a stream takes
 * what worker 0 writes, now and then: its items are among the answers, as far as this matters.
 */
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef CALLERS
#define CALLERS 2                       /* threads that make calls; caller c calls worker c % WORKERS */
#endif
#ifndef FIRST
#define FIRST 1                         /* calls that the first caller of a worker makes, one after the other */
#endif
#ifndef OTHERS
#define OTHERS 1                        /* and each of the others */
#endif
#ifndef LOOKS
#define LOOKS 2                         /* how often the consumer of a stream attends */
#endif
#define LENGTH 4                        /* of the rings: enough for all */

/* The words. */
#define Requests(w)      (6 * (w))      /* how many Headers have been published */
#define Responses(w)     (6 * (w) + 1)
#define WorkerWaiting(w) (6 * (w) + 2)
#define CallerWaiting(w) (6 * (w) + 3)
#define HostWaiting(w)   (6 * (w) + 4)
#define Rung(w)          (6 * (w) + 5)
byte mem[6 * WORKERS];

/* CallerWaiting: the number of a call, and what its caller does. */
#define Sleeps 1
#define Left   2
#ifdef UNNUMBERED
#define State(number, state) state
#else
#define State(number, state) (4 * (number) + state)
#endif

/* The threads: callers, workers, the pump. */
#define WORKER(w) (CALLERS + (w))
#define PUMP      (CALLERS + WORKERS)
#define CONSUMER  (CALLERS + WORKERS + 1)
#define THREADS   (CALLERS + WORKERS + 1)

/* Stores wait in a buffer, as on x86; a fence waits for them. No thread loads what may be in its own buffer. */
chan buffer[6] = [2] of { byte, byte };
#define fence empty(buffer[me])
#define store(word, value)    buffer[me] ! word, value
#define exchange(word, value) fence; mem[word] = value  /* in an atomic */
#ifdef NO_FENCE
#define publish(word, value) store(word, value)
#else
#define publish(word, value) exchange(word, value)
#endif

#ifdef NO_EXCHANGE
#define takeAttends true
#else
#define takeAttends fence               /* an exchange */
#endif

/* Futex words, as their waiters see them: Read is one that has read the word, which has not changed since. */
#define Awake  0
#define Read   1
#define Asleep 2
byte waiter[THREADS];
#ifdef NO_COUNT
#define rung(t) (waiter[t] == Read -> Read : Awake)
#else
#define rung(t) Awake
#endif
#define ring(first, step, last) d_step { fence; t = first; do :: t < last -> waiter[t] = rung(t); t = t + step :: else -> break od; t = 0 }
#define ringWorkerBell(w) ring(WORKER(w), 1, WORKER(w) + 1)
#define ringCallerBell(w) ring(w, WORKERS, CALLERS)
#define ringBell          ring(PUMP, 1, THREADS)
#define readBell          waiter[me] = Read
#define futexWait         if :: waiter[me] == Read -> waiter[me] = Asleep :: else -> waiter[me] = Awake fi  /* in an atomic */
#define woken             waiter[me] != Asleep

/* What the rings hold. */
chan requests[WORKERS] = [LENGTH] of { byte, bool };    /* whose call it is; whether that attends it */
chan responses[WORKERS] = [LENGTH] of { byte };

/* The host's own. */
byte offered[WORKERS];
byte taken[WORKERS];
byte live[WORKERS];
byte recalled;                          /* worker 0 shall not begin calls up to this one */
bool draining[WORKERS];
bool pumpWanted[WORKERS];
bool kicked;
bool attended[CALLERS];
bool ended[CALLERS];
bool consumerAttends;                   /* QuickAnswers.attended, of worker 0 */
byte finished;                          /* callers */

#define HasRecord(w) (mem[Responses(w)] > taken[w])
#define takeDraining(w) fence && !draining[w] -> draining[w] = true

inline endCall(c) {
    assert(!ended[c]);
    attended[c] = false; ended[c] = true; live[w]--
}

inline drain() {
    do
    :: atomic { HasRecord(w) -> responses[w] ? c; taken[w]++; any = true }
       d_step { overtaken = attended[c] && c != me; endCall(c); c = 0 }
#ifndef NO_RING_OVERTAKEN
       if
       :: overtaken -> overtaken = false; ringCallerBell(w)
       :: else
       fi
#endif
    :: else -> break
    od
}

inline releaseDraining() {
    d_step { fence; draining[w] = false }
    if
    :: pumpWanted[w] ->
       d_step { pumpWanted[w] = false; kicked = true }
       ringBell
    :: else
    fi
}

/* One compare-and-swap. Not told: a later call has the word. */
inline tellWorker(state) {
#ifdef NO_CALLER_FENCE
    atomic { told = true; store(CallerWaiting(w), State(number, state)) }
#else
    d_step {
        fence;
        told = mem[CallerWaiting(w)] <= State(number, 3);
        if
        :: told -> mem[CallerWaiting(w)] = State(number, state)
        :: else
        fi
    }
#endif
}

/* What a caller does when it has looked for long enough. */
#define Block 1
#define Leave 2
#define Go    3                         /* it has said that it leaves */

proctype Caller(byte me) {
    byte w = me % WORKERS;
    byte calls = (me < WORKERS -> FIRST : OTHERS);
    byte number, next, c, t;
    bool told, any, overtaken;
    me < WORKERS || offered[w] > 0;     /* who is the first does not matter */
    do                                  /* attended only if it is the worker's only one */
    :: d_step { calls > 0 && live[w] == 0 -> live[w]++; ended[me] = false; attended[me] = true; next = Block } goto offer
    :: d_step { calls > 0 && live[w] == 0 -> live[w]++; ended[me] = false; attended[me] = true; next = Leave } goto offer
    :: d_step { calls > 0 -> live[w]++; ended[me] = false }
offer:
#ifdef UNNUMBERED
       if
       :: next != 0 -> mem[CallerWaiting(w)] = 0
       :: else
       fi;
#endif
       atomic { calls--; offered[w]++; number = offered[w]; requests[w] ! me, next != 0; publish(Requests(w), number) }
#ifdef WORKER_SLEEPS
       if
#ifdef WAKER_CLEARS
       :: mem[WorkerWaiting(w)] != 0 ->
          ringWorkerBell(w);
          store(WorkerWaiting(w), 0)
#else
       :: atomic { mem[WorkerWaiting(w)] != 0 -> exchange(WorkerWaiting(w), 0) }
          ringWorkerBell(w)
#endif
       :: mem[WorkerWaiting(w)] == 0
       fi;
#endif
look:  do
       :: atomic { next != 0 && HasRecord(w) && takeDraining(w) }
          drain();
          releaseDraining()
       :: atomic { !attended[me] -> next = 0; break }
       :: atomic { next == Block && attended[me] && !(HasRecord(w) && !draining[w]) -> readBell }
          atomic { if :: attended[me] :: else -> waiter[me] = Awake; goto look fi }       /* after the bell was read */
#ifdef READS_BELL_LATE
          readBell;
#endif
          tellWorker(Sleeps);
          atomic { if :: !ended[me] :: else -> waiter[me] = Awake; told = false; goto look fi }
          atomic { if :: told && !HasRecord(w) -> futexWait :: else -> waiter[me] = Awake fi; told = false }
          woken
#ifdef UNNUMBERED
          ; store(CallerWaiting(w), 0)
#endif
       :: d_step { next == Leave && !(HasRecord(w) && !draining[w]) -> next = Go }
          tellWorker(Left);
          told = false
       :: atomic { next == Go && !HasRecord(w) -> next = 0; break }
#ifdef LEAVES_WHEN_BUSY
       :: atomic { next == Go && draining[w] -> next = 0; break }
#endif
       od;
       ended[me]                        /* WaitForEnd, or await */
    :: atomic { calls == 0 -> finished++; break }
    od
}

proctype Worker(byte w) {
    byte me = WORKER(w);
    byte number, answered, c, t;
    bool isAttended;
end:
    do
    :: atomic {
           mem[Requests(w)] > number ->
           requests[w] ? c, isAttended;
           number++;
           if
           :: number <= recalled -> c = 0; goto end
           :: else
           fi;
           responses[w] ! c;
           answered++;
           c = 0;
           publish(Responses(w), answered)
       }
       if
       :: isAttended && mem[CallerWaiting(w)] == State(number, Sleeps) -> ringCallerBell(w)
       :: atomic { isAttended && mem[CallerWaiting(w)] == State(number, Left) -> store(Rung(w), 1) } ringBell
       :: atomic { !isAttended && mem[HostWaiting(w)] != 0 -> exchange(HostWaiting(w), 0); store(Rung(w), 1) } ringBell
       :: else
       fi
#ifdef WORKER_SLEEPS
    :: mem[Requests(w)] == number ->
       readBell;
#ifdef NO_WORKER_FENCE
       store(WorkerWaiting(w), 1);
#else
       atomic { exchange(WorkerWaiting(w), 1) }
#endif
#ifdef NO_RECHECK
       atomic { futexWait }
#else
       atomic { if :: mem[Requests(w)] == number -> futexWait :: else -> waiter[me] = Awake fi }
#endif
endAsleep:
       woken;
#ifndef WAKER_CLEARS
       store(WorkerWaiting(w), 0)
#endif
#endif
    od
}

proctype Pump() {
    byte me = PUMP;
    byte w, c, t;
    bool looking[WORKERS];
    bool all, any, again, overtaken;
    do
    :: readBell;
       do
       :: atomic { fence; all = kicked; kicked = false }
collect:  atomic {
              if
              :: mem[Rung(w)] != 0 -> store(Rung(w), 0); looking[w] = true
#ifdef PUMP_FORGETS
              :: else -> looking[w] = looking[w] || (all && HasRecord(w))
#else
              :: else -> looking[w] = looking[w] || (all && (HasRecord(w) || mem[HostWaiting(w)] == 0))
#endif
              fi;
              again = again || looking[w];
              w++;
              if
              :: w < WORKERS -> goto collect
              :: else -> w = 0; all = false
              fi;
              if
              :: !again -> break
              :: else -> again = false
              fi
          }
serve:    if
#ifdef STREAM
          :: atomic { takeAttends && looking[w] && w == 0 && consumerAttends -> consumerAttends = false; looking[w] = false }   /* by time it looks again */
#endif
          :: atomic { looking[w] && takeDraining(w); goto taken_ }
          :: looking[w] && draining[w] ->
             pumpWanted[w] = true;
             fence;
             if
             :: atomic { takeDraining(w) }
taken_:         store(HostWaiting(w), 0);
                drain();
                if
                :: any -> any = false
                :: else ->
#ifdef NO_PUMP_FENCE
                   store(HostWaiting(w), 1);
#else
                   atomic { exchange(HostWaiting(w), 1) }
#endif
                   looking[w] = HasRecord(w)
                fi;
                releaseDraining()
             :: draining[w] -> looking[w] = false       /* who drains kicks when it ends */
             fi
          :: !looking[w]
          fi;
          atomic { w++; if :: w < WORKERS -> goto serve :: else -> w = 0 fi }
       od;
       atomic { futexWait }
endAsleep:
       woken
    od
}

#ifdef STREAM
/* StreamAttention: looks for as long as it likes, goes away for as long as it likes, and comes back to leave. */
proctype Consumer() {
    byte me = CONSUMER;
    byte w, c, t, looks;
    bool any, overtaken;
    do
    :: looks < LOOKS ->
       atomic { looks++; consumerAttends = true }
       do
       :: atomic { HasRecord(w) && takeDraining(w) }
          drain();
          releaseDraining()
       :: break
       od;
       atomic { takeDraining(w) }
       consumerAttends = false;
#ifdef NO_ASK
       releaseDraining()
#else
       do
       :: atomic { exchange(HostWaiting(w), 1) }
#ifdef NO_LAST_LOOK
          break
#else
          if
          :: HasRecord(w) -> drain()
          :: !HasRecord(w) -> break
          fi
#endif
       od;
       releaseDraining()
#endif
    :: break
    od
}
#endif

#ifdef TAKES_BACK
/* The pool takes back what worker 0 has not begun (begun.pml), and runs it elsewhere. Close() does the same to those who wait. */
proctype Pool() {
    byte me = THREADS;
    byte w, c, k, t;
    bool isAttended, back[CALLERS];
    d_step {
        recalled = offered[0];
        for (k : 1 .. len(requests[0])) { requests[0] ? c, isAttended; requests[0] ! c, isAttended; back[c] = true }
        c = 0
    }
    do
    :: c < CALLERS && back[c] ->
       attended[c] = false;
#ifndef NO_RING_TAKEN_BACK
       ringCallerBell(w);
#endif
       d_step { endCall(c); c++ }
    :: c < CALLERS && !back[c] -> c++
    :: else -> break
    od
}
#endif

#define flush(t) atomic { buffer[t] ? word, value -> mem[word] = value; word = 0; value = 0 }

proctype Memory() {
    byte word, value;
end:
    do
    :: flush(0)
    :: flush(1)
    :: flush(2)
    :: flush(3)
    :: flush(4)
    :: flush(5)
    od
}

init {
    byte i;
    atomic {
        for (i : 0 .. WORKERS - 1) { mem[HostWaiting(i)] = 1; run Worker(i) }
        run Memory();
        run Pump();
#ifdef TAKES_BACK
        run Pool();
#endif
#ifdef STREAM
        run Consumer();
#endif
        for (i : 0 .. CALLERS - 1) { run Caller(i) }
        i = 0
    }
}

ltl everyCallEnds { <> (finished == CALLERS) }
