using System.Diagnostics;
using System.Runtime.Versioning;
using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Python.Tests.Pools;
using Kernmantle.Tests.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Kernmantle.Python.Tests.Telemetry;

/// <summary>
/// One trace into Python. OpenTelemetry's SDK cannot be installed everywhere: these run with what stands in for it (<c>Modules/stand_in_sdk</c>), or with the real one, whose folder
/// <c>KERNMANTLE_TEST_OPENTELEMETRY</c> names.
/// </summary>
[SupportedOSPlatform("linux")]
public class PythonTraceTests : PythonTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected virtual bool Threads => false;

    private static SpanReader Read() => new(sources: "kernmantle.python.tests");

    private string Sdk => Environment.GetEnvironmentVariable("KERNMANTLE_TEST_OPENTELEMETRY") ?? Path.Combine(Modules, "stand_in_sdk");

    private PythonPool Make() => Create(1, new() { ModulePaths = [Modules, Sdk], Threads = Threads });

    [Theory]
    [InlineData("work")]
    [InlineData("wait")]
    public async Task The_calls_span_is_the_parent_of_what_the_function_starts_and_baggage_crosses(string function)
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        Activity root = spans.Root();
        root.AddBaggage("tenant", "ü=1, 2");
        Assert.Equal("ü=1, 2", await pool.CallAsync<string>($"traced:{function}", PythonArguments.Of(7), cancellationToken: Token));
        root.Stop();
        Activity python = await spans.TakeAsync("python");
        Activity call = (await spans.TakeAsync(static s => s.Any(static a => a.Source.Name == KernmantleTelemetry.Name))).Single(static a => a.Source.Name == KernmantleTelemetry.Name);
        Assert.Equal((root.TraceId, root.SpanId, $"traced:{function}"), (call.TraceId, call.ParentSpanId, call.DisplayName));
        Assert.Equal((root.TraceId, call.SpanId), (python.TraceId, python.ParentSpanId));
        Assert.Equal("python-1", python.GetTagItem("kernmantle.worker"));
        if (function == "wait")
        {
            Assert.Equal(python.SpanId, (await spans.TakeAsync("deeper")).ParentSpanId);
            return;
        }
        Assert.Equal(("kernmantle.python.tests", "3.4", 7L), (python.Source.Name, python.Source.Version, python.GetTagItem("value")));
        Assert.Equal([true, false], (bool[])python.GetTagItem("flags")!);
    }

    [Fact]
    public async Task A_stream_runs_in_the_trace_of_its_call()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        using (spans.Root())
            AssertItems([0, 1, 2], await pool.StreamAsync<int>("traced:items", PythonArguments.Of(3), cancellationToken: Token).ToArrayAsync(Token));
        Activity[] all = await spans.TakeAsync(static s => s.Count(static a => a.DisplayName == "python") == 3 && s.Any(static a => a.Source.Name == KernmantleTelemetry.Name));
        Activity call = all.Single(static a => a.Source.Name == KernmantleTelemetry.Name);
        Assert.All(all.Where(static a => a.DisplayName == "python"), a => Assert.Equal(call.SpanId, a.ParentSpanId));
    }

    [Fact]
    public async Task A_failure_is_told_in_both_spans()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        using (spans.Root())
            await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<object>("traced:fail", cancellationToken: Token));
        Activity call = await spans.TakeAsync("traced:fail"), python = await spans.TakeAsync("python");
        Assert.Equal((ActivityStatusCode.Error, ActivityStatusCode.Error), (call.Status, python.Status));
        Assert.Contains("no", python.StatusDescription, StringComparison.Ordinal);
        Assert.Equal(("ValueError", "ValueError"), (call.GetTagItem("error.type"), Assert.Single(call.Events).Tags.Single(static t => t.Key == "exception.type").Value));
    }

    [Fact]
    public async Task A_span_that_ended_right_before_a_death_arrives()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        using (spans.Root())
            await Assert.ThrowsAsync<WorkerCrashedException>(() => pool.CallAsync<object>("traced:die", cancellationToken: Token));
        Activity call = await spans.TakeAsync("traced:die"), python = await spans.TakeAsync("python");
        Assert.Equal((call.SpanId, ActivityStatusCode.Error), (python.ParentSpanId, call.Status));
    }

    [Fact]
    public async Task A_call_without_a_trace_is_in_none_after_one_with()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        using (spans.Root().AddBaggage("tenant", "one"))
            Assert.Equal("one", await pool.CallAsync<string>("traced:untraced", cancellationToken: Token));
        Assert.Null(await pool.CallAsync<string?>("traced:untraced", cancellationToken: Token));
    }

    [Fact]
    public async Task The_import_of_OpenTelemetry_does_not_count_to_the_functions_timeout()
    {
        using SpanReader spans = Read();
        using Gate reached = new(), gate = new();
        string folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "opentelemetry.py"), $"import kmtests\nkmtests.reach('{reached.Path}', '{gate.Path}')\nraise ImportError", Token);
        var clock = new FakeTimeProvider();
        await using (PythonPool pool = Create(1, new() { ModulePaths = [folder, Modules], Threads = Threads, TimeProvider = clock, TransferTimeout = Timeout.InfiniteTimeSpan }))
        {
            Task<int> call;
            using (spans.Root())
                call = pool.CallAsync<int>("kmtests:same", PythonArguments.Of(3), new() { Timeout = TimeSpan.FromMinutes(1) }, Token);
            await Reached(reached);
            clock.Advance(TimeSpan.FromMinutes(2));
            gate.Open();
            Assert.Equal(3, await call.WaitAsync(Deadline, Token));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_a_call_is_part_of_is_forgotten_where_there_is_no_such_function()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Make();
        using (spans.Root())
            await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CallAsync<object>("traced:nowhere", cancellationToken: Token));
        Assert.Equal(0, await pool.EvalAsync<int>("len(__import__('kernmantle')._signatures.__globals__['Traces'].arrived)", cancellationToken: Token));
    }

    [Fact]
    public async Task Without_OpenTelemetry_a_traced_call_runs_as_any()
    {
        using SpanReader spans = Read();
        await using PythonPool pool = Create(1, new() { Threads = Threads, Setup = "import sys\nsys.modules['opentelemetry'] = None" });
        using (spans.Root())
            Assert.Equal(3, await pool.EvalAsync<int>("1 + 2", cancellationToken: Token));
        await spans.TakeAsync(static s => s.Any(static a => a.Source.Name == KernmantleTelemetry.Name));
    }
}

/// <summary>The same with a thread for each call.</summary>
[SupportedOSPlatform("linux")]
public sealed class PythonTraceOnThreadsTests : PythonTraceTests
{
    protected override bool Threads => true;
}
