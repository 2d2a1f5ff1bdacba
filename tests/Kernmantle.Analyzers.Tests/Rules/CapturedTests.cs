using Kernmantle.Analyzers.CodeFixes;
using Kernmantle.Analyzers.Rules.Crossing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Testing;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0009, KM0010, KM0016: what a function takes along.</summary>
public sealed class CapturedTests
{
    private const string Types =
        """
        internal static class Taking
        {
            public static int Length(object value) => 0;
        }

        internal sealed class Service(string name, Stream log)
        {
            private readonly string name = name;
            private readonly Stream log = log;
            private int Count { get; set; }

            public async Task RunAsync(string text)
            {
                await using WorkerPool pool = WorkerPool.Processes(1);
                await pool.RunAsync(() => [|name|].Length);
                await pool.RunAsync(() => [|this|].name + Count);
                await pool.RunAsync(() => [|Instance()|]);
                await pool.RunAsync([|this|].Instance);
                await pool.RunAsync(() => Static(text));
                await pool.RunAsync(Static, text);
                string copy = name;
                await pool.RunAsync(() => copy.Length);
                await using WorkerPool here = WorkerPool.Threads(1);
                await here.RunAsync(() => name.Length);
            }

            private int Instance() => log.CanRead ? 1 : 0;
            private static int Static(string text) => text.Length;
        }

        internal sealed class Captured(Stream log)
        {
            public Task<bool> RunAsync() => Worker.OnProcess("w", () => [|log|].CanRead).Completion.ContinueWith(_ => log.CanRead);
        }

        internal sealed class Stateless
        {
            public Task<int> RunAsync(WorkerPool pool) => WorkerPool.Processes(1).RunAsync(() => Instance());
            private int Instance() => 1;
        }

        internal sealed record Settings(string Name)
        {
            public Task<int> RunAsync() => WorkerPool.Processes(1).RunAsync(() => Name.Length);
        }
        """;

    [Fact]
    public Task Variables() => Verify.FindsAsync<CapturedVariableAnalyzer>(Verify.Program(
        """
        Stream stream = Stream.Null;
        Func<int, int> inner = static n => n;
        object any = 1;
        var gate = new Lock();
        Task task = Task.CompletedTask;
        var progress = new Progress<int>();
        IProgress<int> linked = progress;
        var token = new CancellationTokenSource();
        CancellationToken stop = token.Token;
        int number = 1;
        var list = new List<string>();
        int Nested() => [|stream|].ReadByte();
        _ = processes.RunAsync(() => [|stream|].ReadByte());
        _ = processes.RunAsync(() => { [|stream|].ReadByte(); stream.Dispose(); });
        _ = processes.RunAsync(n => [|inner|](n), 1);
        _ = processes.RunAsync(() => { Func<int> more = () => [|any|].GetHashCode(); return more(); });
        _ = processes.RunAsync(() => { lock ([|gate|]) { } });
        _ = processes.RunAsync(async () => await [|task|]);
        _ = processes.RunAsync(() => [|processes|].WorkerCount);
        _ = processes.RunAsync(() => ((IProgress<int>)[|progress|]).Report(1));
        _ = processes.RunAsync(() => [|token|].Cancel());
        _ = processes.With(new() { Name = "x" }).RunAsync(() => Nested());
        await foreach (var _ in processes.MapAsync(n => [|stream|].ReadByte() + n, [1])) { }
        Worker.OnProcess("w", () => [|stream|].ReadByte());
        // What crosses, what is not read, and what stands elsewhere.
        _ = processes.RunAsync(() => linked.Report(number));
        _ = processes.RunAsync(() => stop.IsCancellationRequested ? list.Count : number);
        _ = processes.RunAsync(() => nameof(stream));
        _ = processes.RunAsync(() => { Stream own = Stream.Null; return own.ReadByte(); });
        _ = processes.RunAsync(static () => Stream.Null.ReadByte());
        _ = threads.RunAsync(() => stream.ReadByte());
        _ = loop.RunAsync(async () => await task);
        _ = Task.Run(() => stream.ReadByte());
        Worker.OnThread("w", () => stream.ReadByte());
        """));

    [Fact]
    public Task The_object_of_a_function() => Verify.FindsAsync<CapturedThisAnalyzer>(Verify.Program(
        """
        Stream stream = Stream.Null;
        _ = processes.RunAsync([|stream|].ReadByte);
        string text = "text";
        _ = processes.RunAsync(text.ToUpperInvariant);
        _ = threads.RunAsync(stream.ReadByte);
        """,
        Types));

    [Fact]
    public Task Assigned_variables() => Verify.FindsAsync<AssignedCaptureAnalyzer>(Verify.Program(
        """
        int count = 0, other = 0;
        (int a, int b) = (0, 0);
        void Count() => [|count|]++;
        _ = processes.RunAsync(() => { [|count|]++; });
        _ = processes.RunAsync(() => { [|other|] = 1; });
        _ = processes.RunAsync(() => { ([|a|], [|b|]) = (1, 2); });
        _ = processes.RunAsync(() => Interlocked.Add(ref [|count|], 1));
        _ = processes.RunAsync(() => int.TryParse("1", out [|other|]));
        _ = processes.RunAsync(() => Count());
        await processes.ForEachAsync(n => { [|count|] += n; }, [1]);
        // Read, its own, or shared with threads.
        _ = processes.RunAsync(() => count + other);
        _ = processes.RunAsync(() => { int own = count; own++; return own; });
        _ = threads.RunAsync(() => { count++; });
        _ = loop.RunAsync(async () => { count++; await Task.Yield(); });
        """));

    [Fact]
    public async Task Where_a_pool_comes_from_elsewhere_the_settings_say_what_it_is()
    {
        const string source = "internal static class P { static void Main() { } static System.Threading.Tasks.Task<int> M(Kernmantle.WorkerPool pool, System.IO.Stream stream) => pool.RunAsync(() => {|#0:stream|}.ReadByte()); }";
        await Verify.FindsAsync<CapturedVariableAnalyzer>(source, expected: [At(DiagnosticSeverity.Info)]);
        await Verify.FindsAsync<CapturedVariableAnalyzer>(source, settings: "kernmantle_unknown_pools = processes", expected: [At(DiagnosticSeverity.Warning)]);
        await Verify.FindsAsync<CapturedVariableAnalyzer>(source, settings: "kernmantle_unknown_pools = threads");

        static DiagnosticResult At(DiagnosticSeverity severity) => new DiagnosticResult("KM0009", severity).WithLocation(0);
    }

    [Fact]
    public Task Members_are_copied_into_variables() => Verify.FixesAsync<CapturedThisAnalyzer, LocalCopyFix>(
        Verify.Program("", Copying("await pool.RunAsync(() => [|name|].Length + name.Length + this.Count + text.Length);")),
        Verify.Program("", Copying(
            """
            var name = this.name;
                    var count = this.Count;
                    await pool.RunAsync(() => name.Length + name.Length + count + text.Length);
            """)));

    [Fact]
    public Task A_progress_sink_is_declared_as_its_contract() => Verify.FixesAsync<CapturedVariableAnalyzer, ProgressFix>(
        Verify.Program("var progress = new Progress<int>();\n_ = processes.RunAsync(() => ((IProgress<int>)[|progress|]).Report(1));"),
        Verify.Program("IProgress<int> progress = new Progress<int>();\n_ = processes.RunAsync(() => ((IProgress<int>)progress).Report(1));"));

    private static string Copying(string statement) =>
        $$"""
        internal sealed class Service
        {
            private readonly string name = "";
            private readonly Stream log = Stream.Null;
            public int Count => log.CanRead ? 1 : 0;

            public async Task RunAsync(string text)
            {
                await using WorkerPool pool = WorkerPool.Processes(1);
                {{statement}}
            }
        }
        """;
}
