using Kernmantle.Analyzers.CodeFixes;
using Kernmantle.Analyzers.Rules.Functions;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0018 to KM0021, and the fix of KM0001: how functions are written.</summary>
public sealed class FunctionTests
{
    [Fact]
    public Task Async_void() => Verify.FindsAsync<AsyncVoidAnalyzer>(Verify.Program(
        """
        async void Local() => await Task.Yield();
        _ = threads.RunAsync([|(Action)(async () => await Task.Yield())|]);
        _ = processes.RunAsync([|Local|]);
        _ = loop.RunAsync([|async void () => await Task.Yield()|]);
        await threads.ForEachAsync([|(Action<int>)(async n => await Task.Yield())|], [1]);
        Worker.OnThread("w", [|Local|]);
        _ = threads.RunAsync(async () => await Task.Yield());
        _ = threads.RunAsync(async () => { await Task.Yield(); return 1; });
        _ = threads.RunAsync(static () => { });
        Action other = async () => await Task.Yield();
        """));

    [Fact]
    public Task Value_tasks() => Verify.FindsAsync<ValueTaskAnalyzer>(Verify.Program(
        """
        ValueTask<int> Soon() => new(1);
        _ = threads.RunAsync([|() => Soon()|]);
        _ = processes.RunAsync([|Soon|]);
        _ = processes.RunAsync([|static async ValueTask<int> (n) => { await Task.Yield(); return n; }|], 1);
        _ = processes.RunAsync<Task<int>>([|static () => Task.FromResult(Task.FromResult(1))|]);
        _ = threads.RunAsync(() => Soon().AsTask());
        _ = threads.RunAsync(async () => await Soon());
        _ = threads.RunAsync(static () => Task.FromResult(1));
        _ = threads.RunAsync(static () => 1);
        """));

    [Fact]
    public Task Lambdas_that_could_be_static() => Verify.FindsAsync<StaticLambdaAnalyzer>(Verify.Program(
        """
        int number = 1;
        int Local() => number;
        static int Static() => 1;
        _ = processes.RunAsync([|() => 1|]);
        _ = processes.RunAsync([|n => n + 1|], 1);
        _ = threads.RunAsync([|async () => { await Task.Yield(); }|]);
        _ = threads.RunAsync([|() => Static()|]);
        await foreach (var _ in threads.MapAsync([|n => n + 1|], [1])) { }
        _ = processes.RunAsync(static () => 1);
        _ = processes.RunAsync(() => number);
        _ = processes.RunAsync(() => Local());
        _ = processes.RunAsync(Static);
        _ = Task.Run(() => 1);
        """));

    [Fact]
    public Task Functions_that_leave_the_loop() => Verify.FindsAsync<LoopConfigureAwaitAnalyzer>(Verify.Program(
        """
        _ = loop.RunAsync(static async () => await Task.Delay(1).[|ConfigureAwait|](false));
        _ = loop.RunAsync(static async () => { await new ValueTask().[|ConfigureAwait|](false); return await Task.FromResult(1).[|ConfigureAwait|](ConfigureAwaitOptions.None); });
        _ = loop.RunAsync(NamedAsync);
        _ = loop.RunAsync(static async () => await Task.Delay(1).ConfigureAwait(true));
        _ = loop.RunAsync(static async () => await Task.Delay(1).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing));
        _ = threads.RunAsync(static async () => await Task.Delay(1).ConfigureAwait(false));
        await loop.RunAsync(static async () => await Task.Yield()).ConfigureAwait(false);
        static async Task NamedAsync() => await Task.Delay(1).[|ConfigureAwait|](false);
        """));

    [Fact]
    public Task Run_becomes_RunAsync() => Verify.FixesAsync<AsyncRunAnalyzer, AsyncRunFix>(
        Verify.Program("processes.[|Run|](static async () => { await Task.Yield(); });\n_ = processes.[|Run|](static n => Task.FromResult(n), 1);"),
        Verify.Program("await processes.RunAsync(static async () => { await Task.Yield(); });\n_ = await processes.RunAsync(static n => Task.FromResult(n), 1);"));

    [Fact]
    public Task A_lambda_becomes_static() => Verify.FixesAsync<StaticLambdaAnalyzer, StaticLambdaFix>(
        Verify.Program("_ = processes.RunAsync([|() => 1|]);\n_ = processes.RunAsync([|async n => { await Task.Yield(); return n; }|], 1);"),
        Verify.Program("_ = processes.RunAsync(static () => 1);\n_ = processes.RunAsync(static async n => { await Task.Yield(); return n; }, 1);"));

    [Fact]
    public Task ConfigureAwait_goes() => Verify.FixesAsync<LoopConfigureAwaitAnalyzer, ConfigureAwaitFix>(
        Verify.Program("_ = loop.RunAsync(static async () => await Task.Delay(1).[|ConfigureAwait|](false));"),
        Verify.Program("_ = loop.RunAsync(static async () => await Task.Delay(1));"));

    [Fact]
    public Task An_async_void_function_returns_a_task() => Verify.FixesAsync<AsyncVoidAnalyzer, AsyncVoidFix>(
        Verify.Program("async void Local() => await Task.Yield();\n_ = processes.RunAsync([|Local|]);\n_ = threads.RunAsync([|(Action)(async () => await Task.Yield())|]);\n_ = loop.RunAsync([|async void () => await Task.Yield()|]);"),
        Verify.Program("async Task Local() => await Task.Yield();\n_ = processes.RunAsync(Local);\n_ = threads.RunAsync(async () => await Task.Yield());\n_ = loop.RunAsync(async Task () => await Task.Yield());"));

    [Fact]
    public Task A_value_task_becomes_a_task() => Verify.FixesAsync<ValueTaskAnalyzer, ValueTaskFix>(
        Verify.Program("_ = threads.RunAsync([|static () => Soon()|]);\n_ = threads.RunAsync([|static () => new ValueTask<int>(1)|]);\nstatic ValueTask<int> Soon() => new(1);"),
        Verify.Program("_ = threads.RunAsync(static () => Soon().AsTask());\n_ = threads.RunAsync(static () => (new ValueTask<int>(1)).AsTask());\nstatic ValueTask<int> Soon() => new(1);"));
}
