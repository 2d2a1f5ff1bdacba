/*
 * Items that a worker is given in advance, and that can be taken back until it begins them. One word, Begun, says what has begun. The rings
 * are FIFOs here (ring.pml), and nobody sleeps (wake.pml). With CRASH the worker dies at any moment, and the host closes the connection
 * when it has; with EARLY too it closes at any moment, while the worker may still run.
 */
#define ITEMS   3
#ifndef RECALLS
#define RECALLS 2
#endif
#ifdef CRASH
#ifndef EARLY
#define CLOSE_ONLY_READS                /* enough, of the dead */
#define RESUME_STORES
#endif
#endif
#define NUMBERS (ITEMS * (RECALLS + 1)) /* every item can be given once more after each recall */

/* The word: a number and two bits. Every step on it is one instruction. */
#define Number  31
#define Recall  64                      /* nothing begins until the worker reads RESUME */
#define Retired 128                     /* nothing begins any more */
byte Begun;

/* A request: a number and the item given under it; or the last number given, and RESUME. An answer: a number. */
#define RESUME ITEMS
#define NONE   ITEMS
chan requests = [NUMBERS + RECALLS] of { byte, byte };
chan responses = [NUMBERS] of { byte };

/* The host's own. */
#define Queued 0                        /* for any worker */
#define Placed 1                        /* the worker's, but not handed over yet: it has no number */
#define Given  2
#define Ended  3
byte state[ITEMS];
byte under[NUMBERS + 1] = NONE;         /* the item that is under way under a number */
byte offered;                           /* the last number */
byte ended;
bool gate;                              /* the pool's lock, where it is held for more than a step */
bool sendGate;                          /* the connection's */
bool closed;                            /* nothing more is sent or taken */
bool lost;                              /* the pool knows */

byte runs[ITEMS];
bool answered[ITEMS];
bool dead;

#define isQueued (!gate && (state[0] == Queued || state[1] == Queued || state[2] == Queued))
inline pick(item) { item = 0; do :: state[item] != Queued -> item++ :: else -> break od }
inline runItem(item) { runs[item]++; assert(runs[item] == 1) }
inline endItem(item) { assert(state[item] != Ended); state[item] = Ended; ended++ }
inline takeBack(n) { state[under[n]] = Queued; under[n] = NONE }

active proctype Worker() {
    byte number, item;
    {
end:    do
        :: requests ? number, item ->
           if
           :: item == RESUME ->
#ifdef RESUME_WITHOUT_NUMBER
              Begun = Begun & (255 - Recall)
#else
#ifdef RESUME_STORES
              Begun = number
#else
              d_step { if :: Begun & Retired :: else -> Begun = number fi }
#endif
#endif
           :: item != RESUME ->
              if
#ifdef NO_CAS
              :: Begun == number - 1 -> Begun = number
#else
              :: d_step { Begun == number - 1 -> Begun = number }
#endif
                 d_step { runItem(item) }
                 d_step { answered[item] = true; responses ! number }
              :: else                   /* recalled */
              fi
           fi;
           d_step { number = 0; item = 0 }
        od
    } unless { dead }
}

/* A thread that submits items. */
active proctype Submitter() {
    byte item;
end:
    do
    :: d_step { isQueued && !lost -> pick(item); state[item] = Placed }
       d_step {
           !sendGate ->
           if
           :: closed
           :: else -> offered++; under[offered] = item; state[item] = Given; requests ! offered, item
           fi;
           item = 0
       }
    od
}

/* Whoever takes answers. */
inline takeAnswer() {
    d_step {
        !gate && !closed && nempty(responses) ->
        responses ? number;
        assert(under[number] != NONE);
        endItem(under[number]);
        under[number] = NONE;
        number = 0
    }
}

active proctype Drainer() {
    byte number;
end:
    do
    :: takeAnswer()
    od
}

/* The pool: has other workers, and takes back what this one has not begun. */
active proctype Pool() {
    byte recalls, item, n, begun, last;
    do
    :: d_step { isQueued -> pick(item); runItem(item); endItem(item); item = 0 }
    :: recalls < RECALLS ->
       recalls++;
       gate = true;
       if
       :: d_step {
              !sendGate && !closed &&
#ifdef DOUBLE_RECALL
              true ->
#else
              !(Begun & Recall) ->
#endif
              sendGate = true;
              begun = Begun & Number;
              Begun = Begun | Recall;
              last = offered
          }
          d_step { requests ! last, RESUME; sendGate = false }
#ifdef READS_BEGUN_LATE
          begun = Begun & Number;
#endif
          d_step {
              for (n : begun + 1 .. last) { if :: under[n] != NONE -> takeBack(n) :: else fi }
#ifdef TAKES_PLACED
              for (n : 0 .. ITEMS - 1) { if :: state[n] == Placed -> state[n] = Queued :: else fi }
#endif
              n = 0; begun = 0; last = 0
          }
       :: !sendGate && (closed || Begun & Recall)
       fi;
       gate = false
    :: ended == ITEMS -> break
    od
}

#ifdef CRASH
active proctype Killer() {
    dead = true
}

/* The end of the connection. */
active proctype Closer() {
    byte number, n, begun;
    bool wasDead;
#ifndef EARLY
    dead;
#endif
    wasDead = dead;
#ifndef JUDGES_FIRST
    do
    :: takeAnswer()
    :: empty(responses) -> break
    od;
#endif
    atomic {
        !sendGate ->
        begun = Begun & Number;
#ifndef CLOSE_ONLY_READS
        Begun = Begun | Recall | Retired;
#endif
        closed = true
    }
    d_step {
        !gate ->
        for (n : 1 .. offered) {
            if
            :: under[n] == NONE
#ifdef TAKES_ALL
            :: under[n] != NONE -> takeBack(n)
#else
            :: under[n] != NONE && n > begun -> takeBack(n)
            :: under[n] != NONE && n <= begun -> assert(!wasDead || !answered[under[n]]); endItem(under[n])     /* failed */
#endif
            fi
        }
        for (n : 0 .. ITEMS - 1) { if :: state[n] == Placed -> state[n] = Queued :: else fi }
        n = 0; begun = 0; lost = true
    }
}
#endif

ltl everyItemEnds { <> (ended == ITEMS) }
