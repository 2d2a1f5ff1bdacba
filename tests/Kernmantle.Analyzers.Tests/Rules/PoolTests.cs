using Kernmantle.Analyzers.CodeFixes;
using Kernmantle.Analyzers.Rules.Pools;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0026 to KM0028: how long pools and their objects live.</summary>
public sealed class PoolTests
{
    [Fact]
    public Task A_pool_for_one_call() => Verify.FindsAsync<PoolPerCallAnalyzer>(Verify.Program(
        """
        int n = await WorkerPool.[|Processes|](1).RunAsync(static () => 1);
        n = WorkerPool.[|Threads|](1).With(new() { Name = "x" }).Run(static () => 1);
        Microsoft.AspNetCore.Builder.Endpoints.MapGet(new Microsoft.AspNetCore.Builder.App(), "/", async () =>
        {
            await using WorkerPool pool = WorkerPool.[|Processes|](1);
            return await pool.RunAsync(static () => 1);
        });
        Microsoft.AspNetCore.Builder.Endpoints.MapGet(new Microsoft.AspNetCore.Builder.App(), "/", async () => await processes.RunAsync(static () => 1));
        n = await processes.RunAsync(static () => 1);
        n = WorkerPool.Inline().Run(static () => 1);
        """,
        """
        internal sealed class Home : Microsoft.AspNetCore.Mvc.ControllerBase
        {
            private static readonly WorkerPool Pool = WorkerPool.Processes(1);

            public async Task<int> GetAsync()
            {
                await using WorkerPool pool = WorkerPool.[|Processes|](1);
                return await pool.RunAsync(static () => 1) + await Pool.RunAsync(static () => 1);
            }
        }

        namespace Microsoft.AspNetCore.Mvc
        {
            public abstract class ControllerBase;
        }

        namespace Microsoft.AspNetCore.Routing
        {
            public interface IEndpointRouteBuilder;
        }

        namespace Microsoft.AspNetCore.Builder
        {
            public sealed class App : Routing.IEndpointRouteBuilder;

            public static class Endpoints
            {
                public static void MapGet(this Routing.IEndpointRouteBuilder endpoints, string pattern, Delegate handler) { }
            }
        }
        """));

    [Fact]
    public Task A_pool_that_nobody_disposes_of() => Verify.FindsAsync<UndisposedPoolAnalyzer>(Verify.Program(
        """
        WorkerPool forgotten = WorkerPool.[|Processes|](1);
        _ = forgotten.RunAsync(static () => 1);
        _ = forgotten.With(new() { Name = "x" }).RunAsync(static () => 1);
        Console.WriteLine(forgotten.WorkerCount);
        WorkerPool.[|Threads|](1);
        // Disposed of, handed on, or declared so.
        WorkerPool disposed = WorkerPool.Processes(1);
        await disposed.DisposeAsync();
        WorkerPool killed = WorkerPool.Processes(1);
        await killed.KillAsync();
        WorkerPool given = WorkerPool.Processes(1);
        Keeper.Keep(given);
        WorkerPool stated = WorkerPool.Processes(1);
        using (stated) { }
        using (WorkerPool scoped = WorkerPool.Processes(1)) { }
        WorkerPool captured = WorkerPool.Processes(1);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => captured.Dispose();
        CallInvoker invoker = WorkerPool.Threads(1).With(new() { Name = "x" });
        """,
        """
        internal static class Keeper
        {
            private static readonly WorkerPool Pool = WorkerPool.Processes(1);
            public static void Keep(WorkerPool pool) => Console.WriteLine(Pool == pool);
            public static WorkerPool Make() => WorkerPool.Threads(1);
            public static WorkerPool MakeLater() { WorkerPool pool = WorkerPool.Threads(1); return pool; }
        }
        """));

    [Fact]
    public Task It_is_disposed_of() => Verify.FixesAsync<UndisposedPoolAnalyzer, DisposePoolFix>(
        Verify.Program(
            "WorkerPool forgotten = WorkerPool.[|Processes|](1);\n_ = forgotten.RunAsync(static () => 1);",
            "internal static class Other { public static int Get() { var pool = WorkerPool.[|Threads|](1); return pool.Run(static () => 1); } }"),
        Verify.Program(
            "await using WorkerPool forgotten = WorkerPool.Processes(1);\n_ = forgotten.RunAsync(static () => 1);",
            "internal static class Other { public static int Get() { using var pool = WorkerPool.Threads(1); return pool.Run(static () => 1); } }"));

    [Fact]
    public Task Calls_after_disposal() => Verify.FindsAsync<UseAfterDisposalAnalyzer>(Verify.Program(
        """
        Remote<string> remote = await processes.CreateAsync(static () => "");
        await remote.CallAsync(static s => s.Length);
        await remote.DisposeAsync();
        await remote.[|CallAsync|](static s => s.Length);
        if (remote.IsAlive) { await remote.[|CallAsync|](static s => s.Length); }
        WorkerPool pool = WorkerPool.Threads(1);
        pool.Dispose();
        pool.[|Run|](static () => 1);
        Func<Task> later = () => pool.RunAsync(static () => 1);
        pool = WorkerPool.Threads(1);
        pool.Run(static () => 1);
        if (remote.IsAlive) { await pool.DisposeAsync(); }
        pool.Run(static () => 1);
        """,
        """
        internal static class Maker
        {
            public static async Task<Remote<string>> MakeAsync(WorkerPool pool)
            {
                await using Remote<string> remote = await pool.CreateAsync(static () => "");
                return [|remote|];
            }

            public static async Task<int> UseAsync(WorkerPool pool)
            {
                await using Remote<string> remote = await pool.CreateAsync(static () => "");
                return await remote.CallAsync(static s => s.Length);
            }
        }
        """));
}
