/*
 * One ring of a channel: its writer, whose seat another one takes when it was killed; its readers; who closes the channel; and the maker, who kills one of them at any moment and clears up behind it.
 * Each item that was accepted is taken once, in order, and whole; what a reader took is read, or counted as lost when it dies; with REDELIVER each is read to the end by one that lives. Nobody is left waiting for
 * what does not come. Waiting is ideal here: whoever waits goes on as soon as there is something to see (channel-waits.pml).
 */
#ifndef CAPACITY
#define CAPACITY 1
#endif
#define SLOTS (CAPACITY + 1)
#ifndef ITEMS
#define ITEMS 3                         /* that the writer wants to write */
#endif
#ifndef MORE
#define MORE 1                          /* and whoever has its seat after it */
#endif
#ifndef READERS
#define READERS 2
#endif
#define FIRST SLOTS

mtype = { Free, Ready, Taken, Done, End };      /* of a slot */
mtype = { Open, Closing, Closed, Drained };     /* of the channel */

/* The slots' words, changed by one store or one compare-and-swap; and their items, 0 while one is being written. */
byte position[SLOTS];
mtype state[SLOTS] = Free;
byte seat[SLOTS];
byte item[SLOTS];

/* The other words. */
byte Tail = FIRST, Head = FIRST;
byte Returned;
bool Used;
mtype State = Open;

bool deadWriter, deadReader, deadCloser;

/* What has happened. */
byte accepted, expected = FIRST, done, lost;

#define at(p) ((p) % SLOTS)
#define isUnused(p) (position[at(p)] < (p))
#define is(p, s) (position[at(p)] == (p) && state[at(p)] == s)
#define put(p, s) position[at(p)] = p; state[at(p)] = s        /* in a d_step */

/* RingStore.IsDrained; the state is set by who finds it so. */
inline endIfDrained() {
    at_ = Tail;
    do
    :: d_step { Used && position[at(at_)] > at_ -> at_ = position[at(at_)] - SLOTS + 1 }
    :: d_step { Used && is(at_, Done) -> at_++ }
#ifdef NEEDS_END
    :: d_step { Used && isUnused(at_) -> at_ = 0 } -> break
    :: d_step { !Used || is(at_, End) -> assert(done + lost == accepted); State = Drained; at_ = 0 } -> break
#else
    :: d_step { !Used || isUnused(at_) || is(at_, End) -> assert(done + lost == accepted); State = Drained; at_ = 0 } -> break
#endif
    :: d_step { is(at_, Ready) || is(at_, Taken) -> at_ = 0 } -> break
    od
}

#ifdef USED_LATE
#define isOpen true                     /* it has been looked at before */
#else
#define isOpen (State == Open)
#endif

/* OwnRing.GoOn, where another one was killed. */
inline goOn() {
    do
    :: d_step { next < tail + SLOTS && position[at(next)] == next && state[at(next)] != End -> next++ }
    :: d_step { !(next < tail + SLOTS && position[at(next)] == next && state[at(next)] != End) -> before = next } -> break
    od;
#ifndef NO_CLEARING
    do
    :: d_step { before < tail + SLOTS && (isUnused(before) || is(before, End)) -> before++ }
    :: before < tail + SLOTS && !isUnused(before) && !is(before, End) ->
       d_step { put(before, Done); position[at(before)] = before - SLOTS; before++ }
    :: before == tail + SLOTS -> break
    od
#endif
}

/* Append, of so many: the first one is told last. */
inline append(count) {
    before = position[at(next)];
    if
    :: before >= next -> left = 0                       /* the end */
    :: before < next ->
       item[at(next)] = 0;
       item[at(next)] = next;
       if
#ifdef NO_COMPARE
       :: d_step { true -> put(next, Ready); accepted = accepted + count; next = next + count; left = left - count; before = 0 }
#else
       :: d_step { position[at(next)] == before -> put(next, Ready); accepted = accepted + count; next = next + count; left = left - count; before = 0 }
#endif
       :: d_step { position[at(next)] != before -> left = 0; before = 0 }
       fi
    fi
}

proctype writer(bool isSecond; byte left) {
    byte next, tail, before;
    {
#ifdef USED_LATE
        if :: State != Open -> left = 0 :: State == Open fi;
#endif
        Used = true;
        d_step { tail = Tail; next = tail };
        if :: isSecond -> goOn() :: !isSecond fi;
        do
        :: left == 0 -> break
        :: left > 0 && !isOpen -> left = 0
        :: left > 0 && isOpen && next - tail < CAPACITY ->
#ifdef BULK
           if
           :: left >= 2 && next - tail <= CAPACITY - 2 ->
              item[at(next + 1)] = 0;
              item[at(next + 1)] = next + 1;
#ifdef FIRST_FIRST
              append(2);
              d_step { if :: is(next - 2, Ready) || is(next - 2, Taken) || is(next - 2, Done) -> put(next - 1, Ready) :: else fi }
#else
              d_step { put(next + 1, Ready) };
              append(2)
#endif
           :: !(left >= 2 && next - tail <= CAPACITY - 2) -> append(1)
           fi
#else
           append(1)
#endif
        :: left > 0 && next > tail && is(tail, Done) ->         /* Reclaim */
           do
           :: d_step { tail < next && is(tail, Done) -> tail++ }
           :: !(tail < next && is(tail, Done)) -> break
           od;
           Tail = tail
        :: left > 0 && is(next, End) -> left = 0
        od
    }
    unless { !isSecond && deadWriter }
}

/* RingMerge */
proctype reader(byte me) {
    byte cursor, returned, lookedThrough, at_;
    {
        do
        :: d_step { Returned != returned ->
               returned = Returned;
#ifdef LOOKS_BACK_TO_CURSOR
               lookedThrough = cursor; cursor = Tail
#else
               cursor = Tail; lookedThrough = cursor + SLOTS
#endif
           }
        :: d_step { Used && cursor == 0 -> cursor = Tail }
        :: d_step { cursor > 0 && position[at(cursor)] > cursor -> cursor = position[at(cursor)] - SLOTS + 1 }
        :: d_step { cursor > 0 && (is(cursor, Taken) || is(cursor, Done)) -> if :: Head > cursor && cursor >= lookedThrough -> cursor = Head :: else -> cursor++ fi }
        :: d_step { cursor > 0 && is(cursor, Ready) ->
               state[at(cursor)] = Taken; seat[at(cursor)] = me;
               assert(cursor < FIRST + accepted);
               assert(cursor + 1 == FIRST + accepted || position[at(cursor + 1)] == cursor + 1);      /* all of many, or none */
#ifndef REDELIVER
               assert(cursor == expected); expected++
#endif
           };
           Head = cursor + 1;
#ifdef PUTS_BACK
           if
           :: d_step { me == 0 -> state[at(cursor)] = Ready; expected-- };      /* too large: it has to find a larger room first */
              d_step { is(cursor, Ready) -> state[at(cursor)] = Taken; expected++ }
           :: skip
           fi;
#endif
           d_step { assert(is(cursor, Taken) && item[at(cursor)] == cursor); state[at(cursor)] = Done; seat[at(cursor)] = 0; done++; cursor++ };
           if :: State == Closed -> endIfDrained() :: State != Closed fi
        :: State == Closed && done + lost == accepted -> endIfDrained(); assert(State == Drained)     /* it waits, and is rung by who does the last one */
        :: State == Drained -> break
        od
    }
    unless { me == 0 && deadReader }
}

/* RingStore.Close */
proctype closer(bool isMaker) {
    byte at_, before;
    {
        State = Closing;
        if
        :: !Used
        :: Used ->
           at_ = Tail;
           do
           :: is(at_, End) -> break
           :: d_step { position[at(at_)] > at_ -> at_ = position[at(at_)] - SLOTS + 1 }
           :: d_step { position[at(at_)] == at_ && state[at(at_)] != End -> at_++ }
           :: d_step { isUnused(at_) -> before = position[at(at_)] };
              if
#ifdef NO_COMPARE_END
              :: d_step { true -> put(at_, End) } -> break
#else
              :: d_step { position[at(at_)] == before -> put(at_, End) } -> break
              :: position[at(at_)] != before
#endif
              fi
           od
        fi;
        at_ = 0;
        State = Closed;
        endIfDrained()
    }
    unless { !isMaker && deadCloser }
}

/* ChannelPage */
proctype maker() {
    byte slot;
    if
#ifdef WRITER_DIES
    :: deadWriter = true; run writer(true, MORE)
#endif
#ifdef READER_DIES
    :: deadReader = true;
#ifndef NO_MENDING
       do
       :: d_step { slot < SLOTS && state[slot] == Taken && seat[slot] == 0 ->
#ifdef REDELIVER
              state[slot] = Ready;
#else
              state[slot] = Done; lost++;
#endif
              slot++
          }
       :: d_step { slot < SLOTS && !(state[slot] == Taken && seat[slot] == 0) -> slot++ }
       :: slot == SLOTS -> break
       od;
#endif
#ifdef REDELIVER
       Returned++
#endif
#endif
#ifdef CLOSER_DIES
    :: deadCloser = true;
       if :: State != Closed && State != Drained -> run closer(true) :: else fi
#endif
    :: skip
    fi
}

#ifdef WATCHED
/* ChannelWaits.Sweep, where nobody reads and Completion is awaited. */
proctype watcher() {
    byte at_;
#ifndef ONLY_WATCHES
end:State == Closed && done + lost == accepted -> endIfDrained()
#endif
}
#endif

init {
    byte i;
    atomic {
        do :: i < SLOTS -> position[i] = i; i++ :: else -> break od;
        run writer(false, ITEMS);
        i = 0;
        do :: i < READERS -> run reader(i); i++ :: else -> break od;
        i = 0;
        run closer(false); run maker();
#ifdef WATCHED
        run watcher()
#endif
    }
#ifdef WATCHED
    timeout;
    assert(State == Drained || done + lost < accepted)
#else
    _nr_pr == 1;
    assert(done + lost == accepted)
#endif
}
