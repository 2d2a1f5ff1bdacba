using Kernmantle.Analyzers.CodeFixes;
using Kernmantle.Analyzers.Rules.Calls;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0022 to KM0025: how calls are made, and waited for.</summary>
public sealed class CallTests
{
    [Fact]
    public Task Tokens_at_hand() => Verify.FindsAsync<TokenAnalyzer>(Verify.Program(
        "_ = processes.RunAsync(static () => 1);",
        """
        internal static class Service
        {
            public static async Task TestAsync(WorkerPool pool, Remote<List<int>> remote, CancellationToken token)
            {
                await pool.[|RunAsync|](static () => 1);
                await pool.[|RunAsync|](static async n => { await Task.Yield(); return n; }, 1);
                pool.[|Run|](static n => n, 1);
                await remote.[|CallAsync|](static l => l.Count);
                await foreach (var _ in pool.[|MapAsync|](static n => n, [1])) { }
                Func<Task> later = () => pool.[|RunAsync|](static () => 1);
                async Task Local() => await pool.[|RunAsync|](static () => 1);
                await foreach (var _ in pool.[|MapAsync|](static n => n, [1]).ConfigureAwait(false)) { }
                await Task.WhenAll(pool.[|StreamAsync|](Many).ToArrayAsync().AsTask(), Task.Delay(1, token));
                // Given, given otherwise, refused on purpose, or out of reach.
                await pool.RunAsync(static () => 1, token);
                await pool.RunAsync(static () => 1, CancellationToken.None);
                await pool.RunAsync(static (CancellationToken t) => 1, token);
                Func<WorkerPool, Task> other = static p => p.RunAsync(static () => 1);
                static Task Static(WorkerPool p) => p.RunAsync(static () => 1);
                Worker.OnProcess("w", static () => 1);
                await foreach (var _ in pool.MapAsync(static n => n, [1]).WithCancellation(token)) { }
                await foreach (var _ in pool.MapUnorderedAsync(static n => n, [1]).ConfigureAwait(false).WithCancellation(token)) { }
                await foreach (var _ in pool.StreamAsync(Many).WithCancellation(token).ConfigureAwait(false)) { }
                _ = await pool.StreamAsync(Many).Select(static n => n + 1).ToArrayAsync(token);
                await Task.Delay(1);
                static async IAsyncEnumerable<int> Many() { await Task.Yield(); yield return 1; }
            }

            public static Task WithoutAsync(WorkerPool pool) => pool.RunAsync(static () => 1);
        }
        """));

    [Fact]
    public Task The_token_is_passed() => Verify.FixesAsync<TokenAnalyzer, TokenFix>(Passing("[|RunAsync|](static n => n, 1)", "[|CreateAsync|](static () => \"\")", "[|RunAsync|](static async n => { await Task.Yield(); return n; }, 1)"),
        Passing("RunAsync(static n => n, 1, token)", "CreateAsync(static () => \"\", cancellationToken: token)", "RunAsync(static async n => { await Task.Yield(); return n; }, 1, token)"));

    private static string Passing(params string[] calls) => Verify.Program(
        "",
        $$"""
        internal static class Service
        {
            public static async Task TestAsync(WorkerPool pool, CancellationToken token)
            {
                await pool.{{calls[0]}};
                await pool.{{calls[1]}};
                await pool.{{calls[2]}};
            }
        }
        """);

    [Fact]
    public Task Blocking() => Verify.FindsAsync<BlockingAnalyzer>(Verify.Program(
        """
        int n = processes.RunAsync(static () => 1)[|.Result|];
        processes.RunAsync(static () => { })[|.Wait()|];
        n = processes.RunAsync(static () => 1)[|.GetAwaiter().GetResult()|];
        n = processes.RunAsync(static () => 1)[|.ConfigureAwait(false).GetAwaiter().GetResult()|];
        int[] all = threads.MapToArrayAsync(static n => n, [1])[|.Result|];
        await using Remote<string> remote = processes.CreateAsync(static () => "")[|.Result|];
        n = remote.CallAsync(static s => s.Length)[|.Result|];
        n = await processes.RunAsync(static () => 1);
        n = processes.Run(static () => 1);
        n = Task.FromResult(1).Result;
        n = (await processes.RunAsync(static () => Task.FromResult(1))).CompareTo(1);
        """));

    [Fact]
    public Task It_is_awaited_or_run() => Verify.FixesAsync<BlockingAnalyzer, BlockingFix>(
        Verify.Program(
            "int n = processes.RunAsync(static () => 1)[|.GetAwaiter().GetResult()|];\nstring s = processes.RunAsync(static () => 1)[|.Result|].ToString();",
            "internal static class Other { public static int Get(WorkerPool pool) => pool.RunAsync(static n => n, 1)[|.Result|]; }"),
        Verify.Program(
            "int n = await processes.RunAsync(static () => 1);\nstring s = (await processes.RunAsync(static () => 1)).ToString();",
            "internal static class Other { public static int Get(WorkerPool pool) => pool.Run(static n => n, 1); }"));

    [Fact]
    public Task Streams_that_nobody_reads() => Verify.FindsAsync<UnreadStreamAnalyzer>(Verify.Program(
        """
        processes.[|MapAsync|](static n => n, [1]);
        _ = threads.[|MapUnorderedAsync|](static n => n, [1]);
        processes.[|StreamAsync|](static () => Many());
        await foreach (var r in processes.MapAsync(static n => n, [1])) { }
        var kept = processes.MapAsync(static n => n, [1]);
        await processes.ForEachAsync(static n => { }, [1]);
        static async IAsyncEnumerable<int> Many() { await Task.Yield(); yield return 1; }
        """));

    [Fact]
    public Task Timeouts_of_threads() => Verify.FindsAsync<ThreadTimeoutAnalyzer>(Verify.Program(
        """
        await using WorkerPool timed = WorkerPool.Threads(1, new() { Timeout = TimeSpan.FromSeconds(1) });
        await using WorkerPool exclusive = WorkerPool.Exclusive(options: new ThreadWorkerPoolOptions { Timeout = TimeSpan.FromSeconds(1) });
        var options = new CallOptions { Timeout = TimeSpan.FromSeconds(1) };
        _ = timed.[|RunAsync|](static () => 1);
        exclusive.[|Run|](static () => 1);
        _ = threads.With(new() { Timeout = TimeSpan.FromSeconds(1) }).[|RunAsync|](Named);
        _ = threads.With(options).[|RunAsync|](static n => n, 1);
        // With a token, without a timeout, or where it stops.
        _ = timed.RunAsync(static (CancellationToken token) => 1);
        _ = timed.RunAsync(static async (n, token) => { await Task.Delay(n, token); return n; }, 1);
        _ = threads.RunAsync(static () => 1);
        _ = threads.With(new() { Name = "x", Timeout = null }).RunAsync(static () => 1);
        _ = timed.With(new() { Timeout = Timeout.InfiniteTimeSpan }).RunAsync(static () => 1);
        _ = processes.With(options).RunAsync(static () => 1);
        _ = loop.With(options).RunAsync(static async () => await Task.Yield());
        static int Named() => 1;
        """));
}
