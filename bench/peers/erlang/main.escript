#!/usr/bin/env escript
%% Usage: escript main.escript WHAT [warm ms] [time ms] [count]; prints one JSON line per measurement.
%% Two Erlang processes of one runtime: no isolation from a crash of the runtime, copied messages.
-mode(compile).

main([What]) -> main([What, "200", "500", "0"]);
main(["messages", Warm, Time | _]) ->
    Peer = spawn_link(fun answer/0),
    _ = calls(Peer, deadline(list_to_integer(Warm)), []),
    print(lists:sort(calls(Peer, deadline(list_to_integer(Time)), [])));
main(["items", _, _, Count | _]) ->
    N = list_to_integer(Count),
    _ = items(N div 8),
    io:format("{\"unit\":\"items/s\",\"min\":~f,\"p50\":~f,\"p99\":~f,\"n\":~b}~n", lists:duplicate(3, items(N)) ++ [N]);
main(_) ->
    io:format(standard_error, "unknown; known: messages, items~n", []),
    halt(2).

answer() ->
    receive {From, Message} -> From ! {self(), Message} end,
    answer().

%% Messages a second, one way.
items(N) ->
    Here = self(),
    Start = now_ns(),
    spawn_link(fun() -> send(Here, 0, N) end),
    take(0, N),
    N * 1.0e9 / (now_ns() - Start).

send(_, N, N) -> ok;
send(To, I, N) -> To ! {item, I}, send(To, I + 1, N).

take(N, N) -> ok;
take(I, N) -> receive {item, I} -> take(I + 1, N) end.

deadline(Milliseconds) -> now_ns() + Milliseconds * 1000000.

now_ns() -> erlang:monotonic_time(nanosecond).

calls(Peer, Deadline, Samples) ->
    Start = now_ns(),
    Peer ! {self(), nothing},
    receive {Peer, nothing} -> ok end,
    Stop = now_ns(),
    if Stop > Deadline -> [Stop - Start | Samples];
       true -> calls(Peer, Deadline, [Stop - Start | Samples])
    end.

print(Sorted) ->
    Samples = list_to_tuple(Sorted),
    N = tuple_size(Samples),
    io:format("{\"unit\":\"ns\",\"min\":~b,\"p50\":~b,\"p99\":~b,\"n\":~b}~n",
              [element(1, Samples), element(N div 2 + 1, Samples), element(N * 99 div 100 + 1, Samples), N]).
