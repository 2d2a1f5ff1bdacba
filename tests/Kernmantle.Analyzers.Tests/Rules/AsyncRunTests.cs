using Kernmantle.Analyzers.Rules.Functions;

namespace Kernmantle.Analyzers.Tests.Rules;

/// <summary>KM0001: every shape of an asynchronous function that <c>Run</c> can be given, and what looks like one.</summary>
public sealed class AsyncRunTests
{
    [Fact]
    public Task An_asynchronous_lambda_is_found() => FindsAsync(
        """
        pool.[|Run|](async () => { await Task.Yield(); });
        pool.[|Run|](async () => { await Task.Yield(); return 1; });
        pool.[|Run|](async () => await NothingAsync());
        pool.[|Run|](async () => await OneAsync());
        pool.[|Run|](static async n => { await Task.Yield(); }, 1);
        pool.[|Run|](static async n => { await Task.Yield(); return n; }, 1);
        pool.[|Run|](async (a, b) => { await Task.Yield(); return a + b; }, 1, 2);
        pool.[|Run|](async ct => { await Task.Delay(1, ct); });
        pool.[|Run|](async (CancellationToken ct) => { await Task.Delay(1, ct); return 1; }, token);
        pool.[|Run|](async (n, ct) => { await Task.Delay(n, ct); return n; }, 1, token);
        pool.[|Run|](async (a, b, ct) => { await Task.Delay(a + b, ct); }, 1, 2, token);
        pool.[|Run|](async delegate () { await Task.Yield(); });
        pool.[|Run|](async delegate (int n) { await Task.Yield(); return n; }, 1);
        pool.[|Run|](async ValueTask<int> (int n) => { await Task.Yield(); return n; }, 1);
        pool.[|Run|](async () => { await Task.Yield(); throw new InvalidOperationException(); });
        pool.[|Run|](async () => throw new InvalidOperationException());
        pool.[|Run|](async n => throw new InvalidOperationException(), 1);
        """);

    [Fact]
    public Task A_lambda_that_returns_a_task_is_found() => FindsAsync(
        """
        pool.[|Run|](() => Task.CompletedTask);
        pool.[|Run|](() => OneAsync());
        pool.[|Run|](n => TwiceAsync(n), 1);
        pool.[|Run|](() => NothingSoon());
        pool.[|Run|](n => TwiceSoon(n), 1);
        pool.[|Run|](() => { if (token.IsCancellationRequested) return OneAsync(); return Task.FromResult(2); });
        pool.[|Run|](() => Task.FromResult(OneAsync()));
        pool.[|Run|](() => mine);
        """);

    [Fact]
    public Task One_that_is_async_void_is_found() => FindsAsync(
        """
        pool.[|Run|]((Action)(async () => await Task.Yield()));
        pool.[|Run|](new Action(async () => await Task.Yield()));
        pool.[|Run|]((Action<int>)(async n => await Task.Yield()), 1);
        pool.[|Run|](async void () => await Task.Yield());
        pool.[|Run|](FireAndForget);
        pool.[|Run|](FireAndForgetOf, 1);
        pool.[|Run|]((Action)FireAndForget);
        async void Local() => await Task.Yield();
        pool.[|Run|](Local);
        """);

    [Fact]
    public Task Methods_and_variables_of_that_type_are_found() => FindsAsync(
        """
        pool.[|Run|](NothingAsync);
        pool.[|Run|](OneAsync);
        pool.[|Run|](TwiceAsync, 1);
        pool.[|Run|](NothingSoon);
        pool.[|Run|](OneSoon);
        pool.[|Run|](TwiceSoon, 1);
        pool.[|Run|](Echo<Task>, Task.CompletedTask);
        async Task<int> Local(int n) { await Task.Yield(); return n; }
        pool.[|Run|](Local, 1);
        pool.[|Run|](work);
        pool.[|Run|](soon, 1);
        pool.[|Run|](soon, 1, token);
        var lambda = async () => { await Task.Yield(); return 1; };
        pool.[|Run|](lambda);
        pool.[|Run|](token.CanBeCanceled ? work : NothingAsync);
        """);

    [Fact]
    public Task It_is_found_however_the_call_is_written() => FindsAsync(
        """
        pool.[|Run|]<Task>(async () => await Task.Yield());
        maybe?.[|Run|](async () => await Task.Yield());
        pool.[|Run|](cancellationToken: token, function: async () => await Task.Yield());
        int n = pool.[|Run|](async () => { await Task.Yield(); return 1; }).Result;
        Action later = () => pool.[|Run|](OneAsync);
        """);

    [Fact]
    public Task What_is_not_one_is_left_alone() => FindsAsync(
        """
        pool.Run(() => 42);
        pool.Run(static n => n + 1, 41);
        pool.Run(Twice, 1);
        pool.Run(Nothing);
        pool.Run(() => { });
        pool.Run(act);
        pool.Run((n, ct) => n, 1, token);
        pool.Run(() => throw new InvalidOperationException());
        pool.Run(() => new List<int>());
        // It waits for the task where it runs.
        pool.Run(() => OneAsync().Result);
        pool.Run(() => { OneAsync().Wait(); });
        // The lambda within is no function of Run, and a task among the arguments is no result.
        pool.Run(() => { Action inner = async () => await Task.Yield(); inner(); return 1; });
        pool.Run(t => t.Id, Task.CompletedTask);
        // Other methods, another type's Run, and another library's pool.
        _ = pool.RunAsync(async () => await Task.Yield());
        _ = pool.RunAsync(async n => { await Task.Yield(); return n; }, 1);
        _ = Task.Run(async () => await Task.Yield(), token);
        _ = Elsewhere.WorkerPool.Run(async () => await Task.Yield());
        """);

    [Fact]
    public Task A_base_class_that_has_Run_is_known_too() => Verify.FindsAsync<AsyncRunAnalyzer>(
        """
        using System;
        using System.Threading.Tasks;
        using Kernmantle;

        CallInvoker invoker = new WorkerPool();
        invoker.[|Run|](async () => await Task.Yield());
        new WorkerPool().[|Run|](async () => await Task.Yield());
        invoker.Run(() => 1);

        namespace Kernmantle
        {
            internal class CallInvoker
            {
                public TResult Run<TResult>(Func<TResult> function) => function();
            }

            internal sealed class WorkerPool : CallInvoker;
        }
        """,
        library: false);

    private static Task FindsAsync(string body) => Verify.FindsAsync<AsyncRunAnalyzer>(
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Kernmantle;

        internal static class Program
        {
            private static void Test(WorkerPool pool, WorkerPool? maybe, CancellationToken token, Func<Task> work, Func<int, ValueTask<int>> soon, Action act, TaskOfMine mine)
            {
                {{body}}
            }

            private static void Main()
            {
            }

            private static Task NothingAsync() => Task.CompletedTask;
            private static Task<int> OneAsync() => Task.FromResult(1);
            private static Task<int> TwiceAsync(int n) => Task.FromResult(2 * n);
            private static ValueTask NothingSoon() => default;
            private static ValueTask<int> OneSoon() => new(1);
            private static ValueTask<int> TwiceSoon(int n) => new(2 * n);
            private static async void FireAndForget() => await Task.Yield();
            private static async void FireAndForgetOf(int n) => await Task.Yield();
            private static T Echo<T>(T value) => value;
            private static int Twice(int n) => 2 * n;
            private static void Nothing() { }

            private sealed class TaskOfMine() : Task<int>(() => 1);
        }

        namespace Elsewhere
        {
            internal static class WorkerPool
            {
                public static Task Run(Func<Task> function) => function();
            }
        }
        """);
}
