/*
 * Who waits at a channel: two processes that read, each with a thread that takes items, or waits and may give up, and an attendant that sleeps for it on the process's bell; writers, that ring one of them for each
 * item, and wait for room; and the maker, who kills the first process at any moment and clears up behind it. Of the rings only the numbers are left (channel.pml proves the rest). A reader that has what it wants
 * never comes back: whatever it was rung for is another one's. Left out: the looks by themselves, every second, that help where one that was rung is stopped.
 */
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef ITEMS
#define ITEMS 1                         /* of each writer */
#endif
#ifndef CAPACITY
#define CAPACITY ITEMS
#else
#define ROOM                            /* is to be waited for */
#endif
#ifndef WANTS
#define WANTS 1                         /* what the first process takes; the other one takes all */
#endif
#define LAST (WRITERS - 1)
#define WRITER(w) (2 + (w))

/* Of each ring: items that became some, were taken (Head says the same, or less: then more are rung), are done; and what its writer says of the first. */
byte ready[WRITERS], taken[WRITERS], done[WRITERS], Next[WRITERS];
#define hasItem (ready[0] > taken[0] || ready[LAST] > taken[LAST])
#define count (Next[0] - taken[0] + (WRITERS > 1 -> Next[LAST] - taken[LAST] : 0))

bool WantsRoom[WRITERS];
bool Waiting[2];

/* A Bell, as who sleeps on it sees it: Read is one that has read it, since when it has not changed. */
#define Awake  0
#define Read   1
#define Asleep 2
byte waiter[2 + WRITERS];
#define ring(seat) waiter[seat] = Awake
#define futexWait(seat) d_step { if :: waiter[seat] == Read -> waiter[seat] = Asleep :: else -> waiter[seat] = Awake fi }

/* Of each process that reads: the lock that is held from the look to the release, and whether its thread waits. */
bool gate[2], waits[2];
bool dead;

/* PassOn */
inline passOn() { d_step { if :: Waiting[1 - me] -> ring(1 - me) :: else fi } }

/* ChannelWaits.Sweep */
inline sweep() {
    if
    :: d_step { !gate[me] && waits[me] && hasItem -> gate[me] = true; more = count > 1 };
       d_step { waits[me] = false; Waiting[me] = false; gate[me] = false };
#ifndef NO_MORE
       if :: more -> passOn() :: !more fi;
#endif
       more = false
    :: !gate[me] && waits[me] && !hasItem
#ifndef NO_PASS
    :: !gate[me] && !waits[me] && hasItem -> passOn()
    :: !gate[me] && !waits[me] && !hasItem
#else
    :: !gate[me] && !waits[me]
#endif
    fi
}

proctype attendant(byte me) {
    bool more;
    {
        do
        ::
#ifdef READS_BELL_LATE
           sweep();
           waiter[me] = Read;
#else
           waiter[me] = Read;
           sweep();
#endif
           futexWait(me);
end:       waiter[me] != Asleep
        od
    }
    unless { me == 0 && dead }
}

#ifdef ROOM
#define take(ring) w = ring; taken[w]++; left--
#else
#define take(ring) taken[ring]++; done[ring]++; left--
#endif

proctype reader(byte me; byte left) {
    byte w;
    bool more;
    {
        do
        :: left == 0 -> break
        :: left > 0 && hasItem ->
           if
           :: d_step { ready[0] > taken[0] -> take(0) }
           :: d_step { WRITERS > 1 && ready[LAST] > taken[LAST] -> take(LAST) }
           :: !hasItem -> goto next
           fi;
#ifdef ROOM
#ifdef EARLY_LOOK
           more = WantsRoom[w];
           d_step { done[w]++; if :: more -> ring(WRITER(w)) :: else fi; more = false; w = 0 };
#else
           done[w]++;
           d_step { if :: WantsRoom[w] -> ring(WRITER(w)) :: else fi; w = 0 };
#endif
#endif
next:      skip
        :: left > 0 && !hasItem ->
           d_step { !gate[me] -> waits[me] = true; Waiting[me] = true };
#ifndef NO_RECHECK
           sweep();
#endif
end:       if
           :: !waits[me]
           :: d_step { me == 0 && waits[me] && !gate[me] -> waits[me] = false; Waiting[me] = false; left = 0 }         /* Cancel */
           fi
        od
    }
    unless { me == 0 && dead }
}

/* What the attendant of a process that writes does, its thread does here. */
proctype writer(byte me) {
    byte left = ITEMS, turn;
    do
    :: left == 0 -> break
    :: left > 0 && ready[me] - done[me] < CAPACITY ->
#ifdef LOOKS_FIRST
       turn = (Waiting[0] -> 0 : (Waiting[1] -> 1 : 2));
       ready[me]++;
       d_step { Next[me]++; if :: turn < 2 -> ring(turn) :: else fi; turn = 0; left-- }
#else
       ready[me]++;
       Next[me]++;
       d_step {
           if
           :: Waiting[turn] -> ring(turn); turn = 1 - turn
           :: !Waiting[turn] && Waiting[1 - turn] -> ring(1 - turn)
           :: else
           fi;
           left--;
           if :: left == 0 -> turn = 0 :: else fi
       }
#endif
    :: left > 0 && ready[me] - done[me] == CAPACITY ->
       WantsRoom[me] = true;
       do
       :: waiter[WRITER(me)] = Read;
#ifndef NO_ROOM_RECHECK
          if
          :: ready[me] - done[me] < CAPACITY -> break
          :: ready[me] - done[me] == CAPACITY
          fi;
#endif
          futexWait(WRITER(me));
end:      waiter[WRITER(me)] != Asleep;
#ifdef NO_ROOM_RECHECK
          break
#endif
       od;
       WantsRoom[me] = false
    od
}

/* ChannelPage */
proctype maker() {
    if
    :: dead = true;
       d_step { waits[0] = false; Waiting[0] = false };
       d_step { done[0] = taken[0]; done[LAST] = taken[LAST] };
#ifndef NO_RING_ALL
       ring(1);
       ring(WRITER(0));
       ring(WRITER(LAST))
#endif
    :: skip
    fi
}

init {
    atomic {
        run attendant(0); run attendant(1); run reader(0, WANTS); run reader(1, WRITERS * ITEMS); run writer(0);
        if :: WRITERS > 1 -> run writer(1) :: else fi;
#ifdef DEATHS
        run maker()
#endif
    }
    timeout;
    assert(!(hasItem && (waits[0] || waits[1])));                               /* nobody sleeps beside an item, */
    assert(ready[0] - done[0] == CAPACITY || ready[0] == ITEMS)                 /* or beside room */
}
