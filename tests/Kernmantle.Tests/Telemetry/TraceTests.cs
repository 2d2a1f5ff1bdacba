using System.Diagnostics;

namespace Kernmantle.Tests.Telemetry;

/// <summary>One trace through the boundary of processes: who is whose parent, and what arrives.</summary>
public sealed class TraceTests
{
    public enum Place
    {
        Processes,
        Sockets,
        Threads,
        EventLoop,
        Exclusive,
        Inline,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static WorkerPool Make(Place place, int workers = 1) => place switch
    {
        Place.Threads => WorkerPool.Threads(workers),
        Place.EventLoop => WorkerPool.EventLoop(),
        Place.Exclusive => WorkerPool.Exclusive(workers),
        Place.Inline => WorkerPool.Inline(),
        _ => WorkerPool.Processes(workers, new() { Transport = place == Place.Sockets ? WorkerTransport.Socket : WorkerTransport.SharedMemory }),
    };

    [Theory]
    [InlineData(Place.Processes)]
    [InlineData(Place.Sockets)]
    [InlineData(Place.Threads)]
    [InlineData(Place.EventLoop)]
    [InlineData(Place.Exclusive)]
    [InlineData(Place.Inline)]
    public async Task The_callers_span_is_the_parent_of_the_calls_which_is_that_of_what_the_function_starts(Place place)
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(place);
        Activity root = spans.Root();
        root.AddBaggage("tenant", "a=b, \"ü\"");
        string? baggage = await pool.With(new() { Name = "outer" }).RunAsync(static async () =>
        {
            using Activity? inside = SpanReader.Own.StartActivity("inside");
            await Task.Yield();
            using Activity? deeper = SpanReader.Own.StartActivity("deeper");
            return Activity.Current?.GetBaggageItem("tenant");
        }, Token);
        Assert.Same(root, Activity.Current);
        root.Stop();
        Activity call = await spans.TakeAsync("outer"), inside = await spans.TakeAsync("inside"), deeper = await spans.TakeAsync("deeper");
        Assert.Equal("a=b, \"ü\"", baggage);
        Assert.Equal((root.TraceId, root.SpanId, ActivityKind.Client), (call.TraceId, call.ParentSpanId, call.Kind));
        Assert.Equal((root.TraceId, call.SpanId), (inside.TraceId, inside.ParentSpanId));
        Assert.Equal((root.TraceId, inside.SpanId), (deeper.TraceId, deeper.ParentSpanId));
        Assert.Equal(("kernmantle", "outer", ActivityStatusCode.Unset), (call.GetTagItem("rpc.system.name"), call.GetTagItem("rpc.method"), call.Status));
        Assert.True(call.StartTimeUtc <= inside.StartTimeUtc.AddMilliseconds(1) && call.StartTimeUtc + call.Duration >= inside.StartTimeUtc + inside.Duration - TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData(Place.Processes)]
    [InlineData(Place.Sockets)]
    [InlineData(Place.Threads)]
    public async Task A_call_that_a_worker_makes_on_an_object_of_another_is_part_of_its_trace(Place place)
    {
        using var spans = new SpanReader();
        await using WorkerPool home = Make(place), callers = Make(place);
        await using Remote<Tenancy> tenancy = await home.CreateAsync(static () => new Tenancy(), cancellationToken: Token);
        string? tenant;
        Activity root = spans.Root();
        root.AddBaggage("tenant", "a");
        tenant = await callers.With(new() { Name = "outer" }).RunAsync(
            static async tenancy =>
            {
                using Activity? inside = SpanReader.Own.StartActivity("inside");
                return await tenancy.With(new() { Name = "nested" }).CallAsync(static t => t.Read());
            },
            tenancy,
            Token);
        root.Stop();
        Activity outer = await spans.TakeAsync("outer"), inside = await spans.TakeAsync("inside"), nested = await spans.TakeAsync("nested"), deepest = await spans.TakeAsync("deepest");
        Assert.Equal("a", tenant);
        Assert.All([outer, inside, nested, deepest], span => Assert.Equal(root.TraceId, span.TraceId));
        Assert.Equal((root.SpanId, outer.SpanId, inside.SpanId, nested.SpanId), (outer.ParentSpanId, inside.ParentSpanId, nested.ParentSpanId, deepest.ParentSpanId));
    }

    [Theory]
    [InlineData(Place.Processes)]
    [InlineData(Place.Sockets)]
    public async Task A_span_of_a_worker_arrives_as_it_was(Place place)
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(place);
        string id;
        using (spans.Root())
        {
            id = await pool.RunAsync(static () =>
            {
                using Activity span = SpanReader.Own.StartActivity("whole", ActivityKind.Producer)!;
                span.SetTag("text", "ü").SetTag("flag", true).SetTag("number", 7).SetTag("real", 0.5).SetTag("list", new[] { "a", "b" }).SetTag("day", new DateOnly(2026, 1, 2)).SetTag("bad", new Unspeakable());
                span.AddEvent(new("event", DateTimeOffset.UnixEpoch.AddDays(1), [new("n", 1L)]));
                span.AddLink(new(new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), default), [new("why", "so")]));
                span.SetStatus(ActivityStatusCode.Error, "broken");
                span.DisplayName = "shown";
                return span.Id!;
            }, Token);
        }
        Activity span = await spans.TakeAsync("shown");
        Assert.Equal(id, span.Id);
        Assert.Equal((SpanReader.Source, "1.2", "whole", ActivityKind.Producer), (span.Source.Name, span.Source.Version, span.OperationName, span.Kind));
        Assert.Equal((ActivityStatusCode.Error, "broken"), (span.Status, span.StatusDescription));
        Assert.Equal(("ü", true, 7L, 0.5, "01/02/2026"), (span.GetTagItem("text"), span.GetTagItem("flag"), span.GetTagItem("number"), span.GetTagItem("real"), span.GetTagItem("day")));
        Assert.Equal(["a", "b"], (string[])span.GetTagItem("list")!);
        Assert.Contains("cannot be had", (string)span.GetTagItem("bad")!, StringComparison.Ordinal);
        Assert.Equal("pool-1", span.GetTagItem("kernmantle.worker"));
        Assert.NotEqual(Environment.ProcessId, span.GetTagItem("process.pid"));
        ActivityEvent told = Assert.Single(span.Events);
        Assert.Equal(("event", DateTimeOffset.UnixEpoch.AddDays(1), 1L), (told.Name, told.Timestamp, Assert.Single(told.Tags).Value));
        Assert.Equal("so", Assert.Single(Assert.Single(span.Links).Tags!).Value);
    }

    [Theory]
    [InlineData(Place.Processes)]
    [InlineData(Place.Sockets)]
    public async Task Values_and_times_that_no_span_can_have_cross_as_texts_and_the_first_of_times(Place place)
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(place);
        int worker, after;
        using (spans.Root())
        {
            worker = await pool.RunAsync(static () =>
            {
                using Activity span = SpanReader.Own.StartActivity("odd")!;
                span.SetTag("ulongs", new ulong[] { 1 }).SetTag("uints", new uint[] { uint.MaxValue }).SetTag("enums", new[] { Wide.One }).SetTag("narrow", new[] { DayOfWeek.Friday });
                span.SetTag("longs", new[] { 1L }).SetTag("ints", new[] { 2 });
                span.AddEvent(new("long ago", new DateTimeOffset(1969, 1, 1, 0, 0, 0, TimeSpan.Zero), [new("shorts", new ushort[] { 1 })]));
                span.SetStartTime(new DateTime(1960, 1, 1, 0, 0, 0, DateTimeKind.Utc)).SetEndTime(new DateTime(1961, 1, 1, 0, 0, 0, DateTimeKind.Utc));
                return Environment.ProcessId;
            }, Token);
            after = await pool.RunAsync(static () => Environment.ProcessId, Token);
        }
        Activity span = await spans.TakeAsync("odd");
        Assert.Equal(worker, after);
        Assert.Equal(("System.UInt64[]", "System.UInt32[]"), (span.GetTagItem("ulongs"), span.GetTagItem("uints")));
        Assert.Equal((typeof(Wide[]).ToString(), "System.DayOfWeek[]"), (span.GetTagItem("enums"), span.GetTagItem("narrow")));
        Assert.Equal([1L], (long[])span.GetTagItem("longs")!);
        Assert.Equal([2L], (long[])span.GetTagItem("ints")!);
        Assert.Equal((DateTime.UnixEpoch, DateTimeOffset.UnixEpoch), (span.StartTimeUtc, Assert.Single(span.Events).Timestamp));
    }

    private enum Wide : long
    {
        One = 1,
    }

    [Theory]
    [InlineData(Place.Processes)]
    [InlineData(Place.Sockets)]
    public async Task A_span_that_ended_right_before_a_crash_arrives_and_the_calls_has_failed(Place place)
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(place);
        using (spans.Root())
        {
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.With(new() { Name = "dies" }).RunAsync(static () =>
            {
                SpanReader.Own.StartActivity("last")!.Dispose();
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }, Token));
        }
        Activity call = await spans.TakeAsync("dies"), last = await spans.TakeAsync("last");
        Assert.Equal(call.SpanId, last.ParentSpanId);
        Assert.Equal((ActivityStatusCode.Error, typeof(WorkerCrashedException).FullName), (call.Status, call.GetTagItem("error.type")));
        Assert.Equal("Signal", call.GetTagItem("kernmantle.reason"));
        Assert.Equal("exception", Assert.Single(call.Events).Name);
    }

    [Fact]
    public async Task A_failure_of_the_function_has_the_type_that_it_threw_and_attempts_are_told()
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(Place.Processes);
        var twice = new RetryPolicy { MaxAttempts = 2, On = FailureKinds.Exception };
        using (spans.Root())
            await Assert.ThrowsAsync<RemoteException>(() => pool.With(new() { Name = "throws", Retry = twice }).RunAsync(static () => throw new InvalidDataException("bad"), Token));
        Activity call = await spans.TakeAsync("throws");
        Assert.Equal(("System.IO.InvalidDataException", 2), (call.GetTagItem("error.type"), call.GetTagItem("kernmantle.attempts")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Items_of_a_map_belong_to_the_span_of_their_part(bool slices)
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(Place.Processes);
        CallInvoker named = pool.With(new() { Name = "map" });
        using (spans.Root())
        {
            if (slices)
                await named.MapToArrayAsync(static n => Traced(n), [.. Enumerable.Range(0, 20)], cancellationToken: Token);
            else
                await named.MapToArrayAsync(static text => Traced(text.Length).ToString(System.Globalization.CultureInfo.InvariantCulture), [.. Enumerable.Repeat("text", 20)], cancellationToken: Token);
        }
        Activity[] all = await spans.TakeAsync(static s => s.Count(static a => a.DisplayName == "item") == 20 && s.Where(static a => a.DisplayName == "map").Sum(static a => (int?)a.GetTagItem("kernmantle.items") ?? 0) >= 20);
        var parts = all.Where(static a => a.DisplayName == "map").Select(static a => a.SpanId).ToHashSet();
        Assert.All(all.Where(static a => a.DisplayName == "item"), item => Assert.Contains(item.ParentSpanId, parts));

        static int Traced(int n)
        {
            SpanReader.Own.StartActivity("item")!.Dispose();
            return n;
        }
    }

    [Fact]
    public async Task A_call_that_waited_for_room_has_its_callers_span_as_parent()
    {
        using var spans = new SpanReader();
        using var gate = new SemaphoreSlim(0);
        await using WorkerPool pool = WorkerPool.Threads(1, new() { QueueCapacity = 1 });
        await pool.StartAsync(Token);
        Task[] before = [.. Enumerable.Range(0, 2).Select(_ => pool.RunAsync(() => gate.Wait(), Token))];
        Activity root = spans.Root();
        Task late = pool.With(new() { Name = "late" }).RunAsync(static () => SpanReader.Own.StartActivity("inside")!.Dispose(), Token);
        root.Stop();
        Assert.Equal(1, pool.Statistics.Waiting);
        gate.Release(2);
        await Task.WhenAll([.. before, late]);
        Assert.Equal(root.SpanId, (await spans.TakeAsync("late")).ParentSpanId);
        Assert.Equal((await spans.TakeAsync("late")).SpanId, (await spans.TakeAsync("inside")).ParentSpanId);
    }

    [Fact]
    public async Task A_trace_that_is_not_recorded_crosses_and_nothing_is_sent_of_it()
    {
        using var spans = new SpanReader(sampled: false);
        await using WorkerPool pool = Make(Place.Processes);
        Activity root = spans.Root();
        (string? trace, bool recorded, bool made) = await pool.RunAsync(static () =>
        {
            using Activity? inside = SpanReader.Own.StartActivity("inside");
            return (Activity.Current?.TraceId.ToString(), Activity.Current?.Recorded == true, inside is not null);
        }, Token);
        root.Stop();
        Assert.Equal((root.TraceId.ToString(), false, false), (trace, recorded, made));
    }

    [Fact]
    public async Task A_call_outside_of_a_trace_finds_none_in_its_worker_after_one_within()
    {
        using var spans = new SpanReader();
        await using WorkerPool pool = Make(Place.Processes);
        using (spans.Root())
            Assert.NotNull(await pool.RunAsync(static () => Activity.Current?.Id, Token));
        Assert.Null(await pool.RunAsync(static () => Activity.Current?.Id, Token));
    }

    [Fact]
    public async Task Many_calls_at_once_keep_their_own_traces()
    {
        await using WorkerPool pool = Make(Place.Processes, workers: 2);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var spans = new SpanReader();
            for (int i = 0; i < 50; i++)
            {
                Activity root = spans.Root();
                string? inside = i % 3 == 0
                    ? await pool.RunAsync(static token => Activity.Current?.TraceId.ToString(), Token)   // as a frame
                    : await pool.RunAsync(static () => Activity.Current?.TraceId.ToString(), Token);
                root.Stop();
                Assert.Equal(root.TraceId.ToString(), inside);
            }
        }, Token)));
    }

    private sealed class Unspeakable
    {
        public override string ToString() => throw new InvalidOperationException("no words");
    }

    public sealed class Tenancy
    {
        private readonly string key = "tenant";

        public string? Read()
        {
            using Activity? deepest = SpanReader.Own.StartActivity("deepest");
            return Activity.Current?.GetBaggageItem(key);
        }
    }
}
