using Kernmantle.Analyzers.CodeFixes;
using Kernmantle.Analyzers.Rules.Crossing;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0011 to KM0015, KM0017: what is passed, what comes back, and what does neither. Each type: <see cref="Portability.TableTests"/>.</summary>
public sealed class CrossingTests
{
    private const string Types =
        """
        internal sealed record Order(string Id, object Extra);
        internal sealed record Line(string Id, int Count);
        internal sealed class Private { public string Name { get; private set; } = ""; public void Set(string name) => Name = name; }
        internal sealed class Plain { public string Name { get; init; } = ""; }
        internal class Animal { public string Name { get; init; } = ""; }
        internal sealed class Dog : Animal;
        """;

    [Fact]
    public Task Arguments() => Verify.FindsAsync<ArgumentAnalyzer>(Verify.Program(
        """
        object any = 1;
        Stream stream = Stream.Null;
        List<Order> orders = [];
        var order = new Order("", 1);
        _ = processes.RunAsync(static o => o.GetHashCode(), [|any|]);
        _ = processes.RunAsync(static (n, s) => s.ReadByte() + n, 1, [|stream|]);
        processes.Run(static (s, n) => s.ReadByte() + n, [|stream|], 1);
        _ = processes.RunAsync(static o => o.Id, [|order|]);
        await foreach (var _ in processes.MapAsync(static o => o.Id, [|orders|])) { }
        await processes.ForEachAsync(static o => o.Id.ToString(), [|orders|]);
        await foreach (var _ in processes.StreamAsync(static o => Many(o), [|order|])) { }
        Worker.OnProcess("w", static o => o.Id.Length, [|order|]);
        await using Remote<List<int>> remote = await processes.CreateAsync(static s => new List<int>(), [|stream|]);
        _ = remote.CallAsync(static (l, o) => l.Count, [|any|]);
        // These cross, are links, or stay.
        _ = processes.RunAsync(static (l, n) => l.Count + n, new Line("", 1), 1);
        _ = processes.RunAsync(static p => p.Name, new Plain());
        _ = processes.RunAsync(static (IProgress<int> p) => p.Report(1), new Progress<int>());
        _ = processes.RunAsync(static (n, token) => n, 1, new CancellationToken());
        _ = remote.CallAsync(static l => l.Count);
        _ = threads.RunAsync(static s => s.ReadByte(), stream);
        Worker.OnThread("w", static o => o.Id.Length, order);
        static async IAsyncEnumerable<int> Many(Order order) { await Task.Yield(); yield return 1; }
        """,
        Types));

    [Fact]
    public Task Results() => Verify.FindsAsync<ResultAnalyzer>(Verify.Program(
        """
        _ = processes.[|RunAsync|](static () => (object)1);
        _ = processes.[|RunAsync|](static () => Stream.Null);
        _ = processes.[|Run|](static n => new Order("", n), 1);
        _ = processes.[|RunAsync|](static async () => { await Task.Yield(); return new Private(); });
        _ = processes.[|RunAsync|](Open);
        _ = await processes.[|MapToArrayAsync|](static n => (IDisposable)null!, [1]);
        await foreach (var _ in processes.[|StreamAsync|](static () => Many())) { }
        // A new object may stay there; a task without a value is none.
        await using Remote<Stream> remote = await processes.CreateAsync(static () => Stream.Null);
        _ = remote.CallAsync(static s => s.ReadByte());
        _ = remote.[|CallAsync|](static s => (object)s);
        _ = processes.RunAsync(static () => Task.CompletedTask);
        _ = processes.RunAsync(static () => new Line("", 1));
        _ = threads.RunAsync(static () => Stream.Null);
        static Stream Open() => Stream.Null;
        static async IAsyncEnumerable<object> Many() { await Task.Yield(); yield return 1; }
        """,
        Types));

    [Fact]
    public Task Handles() => Verify.FindsAsync<HandleAnalyzer>(Verify.Program(
        """
        nint address = 1;
        var file = new Microsoft.Win32.SafeHandles.SafeFileHandle();
        _ = processes.RunAsync(() => [|address|] + 1 > 0);
        _ = processes.RunAsync(() => [|file|].IsClosed);
        _ = processes.RunAsync(static a => 1, [|address|]);
        _ = processes.RunAsync(static f => f.Length, [|new[] { file }|]);
        _ = processes.[|RunAsync|](static () => (nint)1);
        _ = processes.RunAsync(static () => System.Runtime.InteropServices.Marshal.SizeOf<int>());
        _ = threads.RunAsync(() => file.IsClosed);
        """,
        Types));

    [Fact]
    public Task Functions() => Verify.FindsAsync<FunctionAnalyzer>(Verify.Program(
        """
        Func<int> one = static () => 1, two = static () => 2;
        System.Linq.Expressions.Expression<Func<int>> expression = static () => 1;
        Func<int> compiled = expression.Compile();
        Action act = static () => { };
        _ = processes.RunAsync([|one + two|]);
        _ = processes.RunAsync([|one.Invoke|]);
        _ = processes.RunAsync([|new Func<int>(one)|]);
        _ = processes.RunAsync([|expression.Compile()|]);
        _ = processes.RunAsync([|compiled|]);
        _ = processes.RunAsync(one);
        _ = processes.RunAsync(static () => 1);
        _ = processes.RunAsync(Named);
        _ = threads.RunAsync(one + two);
        static int Named() => 1;
        """));

    [Fact]
    public Task Values() => Verify.FindsAsync<ValueAnalyzer>(Verify.Program(
        """
        Animal animal = new Dog { Name = "Rex" };
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        _ = processes.RunAsync(static a => a.Name, [|animal|]);
        _ = processes.RunAsync(static (Animal a) => a.Name, [|new Dog()|]);
        _ = processes.RunAsync(static n => n.Count, [|names|]);
        _ = processes.RunAsync(static n => n.Count, [|new Dictionary<string, int>(4, StringComparer.OrdinalIgnoreCase)|]);
        _ = processes.RunAsync(static n => n.Count, new HashSet<string>(StringComparer.Ordinal));
        _ = processes.RunAsync(static n => n.Count, [|new SortedSet<string>(StringComparer.Ordinal)|]);
        _ = processes.RunAsync(static n => n.Count, new HashSet<int>(EqualityComparer<int>.Default));
        _ = processes.RunAsync(static n => n.Count, new HashSet<string>(["a"]));
        _ = processes.RunAsync(static a => a.Name, new Animal());
        _ = processes.RunAsync(static d => d.Name, new Dog());
        _ = processes.RunAsync(static (IReadOnlyList<int> l) => l.Count, new List<int>());
        _ = threads.RunAsync(static n => n.Count, names);
        """,
        Types));

    [Fact]
    public Task Static_state() => Verify.FindsAsync<StaticStateAnalyzer>(Verify.Program(
        "",
        """
        internal static class Program2
        {
            private static int count, onThreads, written, ofHost, deep;
            private static int Total { get; set; }
            [ThreadStatic] private static int scratch;

            public static async Task TestAsync()
            {
                await using WorkerPool processes = WorkerPool.Processes(1);
                await using WorkerPool threads = WorkerPool.Threads(1);
                await processes.RunAsync(static () => { [|count|]++; });
                await processes.RunAsync(static () => [|Total|] = 1);
                await processes.RunAsync(static () => Outer());
                await processes.RunAsync(Named);
                await processes.RunAsync(static () => { written++; return written; });
                await processes.RunAsync(static () => { ofHost++; });
                await threads.RunAsync(static () => { onThreads++; });
                ofHost = 1;
                Console.WriteLine(count + Total + onThreads + ofHost + deep);
            }

            private static void Outer() => Inner();
            private static void Inner() => [|deep|] = 1;
            private static void Named() => Interlocked.Increment(ref [|count|]);
        }
        """));

    [Fact]
    public Task The_inner_function_is_passed() => Verify.FixesAsync<FunctionAnalyzer, WrappedDelegateFix>(
        Verify.Program("Func<int> one = static () => 1;\n_ = processes.RunAsync([|one.Invoke|]);"),
        Verify.Program("Func<int> one = static () => 1;\n_ = processes.RunAsync(one);"));

    [Fact]
    public Task A_property_becomes_settable() => Verify.FixesAsync<ArgumentAnalyzer, SettablePropertyFix>(
        Verify.Program("_ = processes.RunAsync(static p => p.Name, [|new Made()|]);\n_ = processes.RunAsync(static p => p.Name, [|new Set()|]);", "internal sealed class Made { public string Name { get; } = \"\"; }\ninternal sealed class Set { public string Name { get; private set; } = \"\"; }"),
        Verify.Program("_ = processes.RunAsync(static p => p.Name, new Made());\n_ = processes.RunAsync(static p => p.Name, new Set());", "internal sealed class Made { public string Name { get; init; } = \"\"; }\ninternal sealed class Set { public string Name { get; set; } = \"\"; }"));
}
