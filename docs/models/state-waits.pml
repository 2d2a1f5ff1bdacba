/*
 * Who waits for a permit: two tasks of one process, whose attendant sleeps for them on the object's bell, and a thread of another process that sleeps there itself; one of the tasks may give up. Permits are given one after
 * the other, and the maker may kill the first process at any moment. The bell is rung for one that sleeps: an attendant for whom nobody waits any more rings for another one. Left out: the looks by themselves, every second.
 */
#ifndef PERMITS
#define PERMITS 2
#endif
#define TASKS 2
#define THREAD TASKS                    /* its place in what follows */

byte free, given;
bool waits[TASKS + 1];
bool Sleepers[TASKS + 1];
#define anySleeper (Sleepers[0] || Sleepers[1] || Sleepers[THREAD])

/* The Bell, as those see it that sleep on it, the attendant (0) and the thread (1): Read is one that has read it, since when it has not changed. */
#define Awake  0
#define Read   1
#define Asleep 2
byte waiter[2];
#define futexWait(who) d_step { if :: waiter[who] == Read -> waiter[who] = Asleep :: else -> waiter[who] = Awake fi }

bool dead;

/* Ring(1): the word changes, and one of those that are asleep on it wakes. */
inline ring() {
    atomic {
        if :: waiter[0] == Read -> waiter[0] = Awake :: else fi;
        if :: waiter[1] == Read -> waiter[1] = Awake :: else fi;
        if
        :: waiter[0] == Asleep -> waiter[0] = Awake
        :: waiter[1] == Asleep -> waiter[1] = Awake
        :: else
        fi
    }
}

inline ringIfAny() { if :: anySleeper -> ring() :: else fi }

/* StateWaits.Sweep: under the gate who waits takes a permit if there is one; it leaves its seat after that. */
inline sweep() {
    if :: d_step { waits[0] && free > 0 -> free--; waits[0] = false }; Sleepers[0] = false :: !(waits[0] && free > 0) fi;
    if :: d_step { waits[1] && free > 0 -> free--; waits[1] = false }; Sleepers[1] = false :: !(waits[1] && free > 0) fi
}

proctype attendant() {
    {
        do
        ::
#ifdef READS_BELL_LATE
           sweep();
           waiter[0] = Read;
#else
           waiter[0] = Read;
           sweep();
#endif
#ifndef NO_PASS
           if :: !waits[0] && !waits[1] -> ringIfAny() :: waits[0] || waits[1] fi;
#endif
           futexWait(0);
end:       waiter[0] != Asleep
        od
    }
    unless { dead }
}

proctype task(byte me) {
    {
        if
        :: d_step { free > 0 -> free-- }
        :: free == 0 ->
           Sleepers[me] = true;
           waits[me] = true;
#ifndef NO_RECHECK
           sweep();
#endif
end:       if
           :: !waits[me]
           :: d_step { me == 0 && waits[me] -> waits[me] = false };                 /* TryGiveUp: the attendant passes on what this one was to have */
              Sleepers[me] = false
           fi
        fi
    }
    unless { dead }
}

proctype thread() {
    if
    :: d_step { free > 0 -> free-- }
    :: free == 0 ->
       Sleepers[THREAD] = true;
       waits[THREAD] = true;
       do
       :: waiter[1] = Read;
          if
          :: d_step { free > 0 -> free--; waiter[1] = Awake } -> break
          :: free == 0
          fi;
          futexWait(1);
end:      waiter[1] != Asleep
       od;
       waits[THREAD] = false;
       Sleepers[THREAD] = false
    fi
}

proctype giver() {
    do
    :: given < PERMITS ->
#ifdef EARLY_LOOK
       bool looked = anySleeper;
       d_step { free++; given++ };
       if :: looked -> ring() :: else fi;
       looked = false
#else
       d_step { free++; given++ };
       ringIfAny()
#endif
    :: given == PERMITS -> break
    od
}

/* StatePage.OnWorkerEnded */
proctype maker() {
    if
    :: dead = true;
       d_step { waits[0] = false; waits[1] = false; waiter[0] = Awake };
       Sleepers[0] = false;
       Sleepers[1] = false;
#ifndef NO_WAKE
       waiter[1] = Awake
#endif
    :: skip
    fi
}

init {
    atomic {
        run attendant(); run task(0); run task(1); run thread(); run giver();
#ifdef DEATHS
        run maker()
#endif
    }
    timeout;
    assert(!(free > 0 && (waits[0] || waits[1] || waits[THREAD])))             /* nobody is left beside a permit */
}
