using System.Reflection;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>Methods with a result. Calls with an argument are a map: small ones then travel many at a time.</summary>
internal static class Functions
{
    internal sealed class Plain<TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<TResult> function = method.CreateDelegate<Func<TResult>>();

        public override bool IsAsynchronous => false;

        public override ValueTask<object?> HereAsync(object? argument) => new(function());

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) => await pool.RunAsync(function);
    }

    internal sealed class Tasks<TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<Task<TResult>> function = method.CreateDelegate<Func<Task<TResult>>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument) => await function();

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) => await pool.RunAsync(function);
    }

    internal sealed class ValueTasks<TDeclaring, TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<ValueTask<TResult>> function = method.CreateDelegate<Func<ValueTask<TResult>>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument) => await function();

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) =>
            await pool.RunAsync(static token => MethodOf<TDeclaring, Func<ValueTask<TResult>>>.Found(token)().AsTask(), method.MetadataToken);
    }

    internal sealed class Plain<T, TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<T, TResult> function = method.CreateDelegate<Func<T, TResult>>();

        public override bool IsAsynchronous => false;

        public override ValueTask<object?> HereAsync(object? argument) => new(function((T)argument!));

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) => await pool.RunAsync(function, (T)argument!);

        public override Task<object?[]> AllOnAsync(WorkerPool pool, object?[] arguments) =>
            Functions.CollectAsync(pool.MapAsync(function, arguments.Cast<T>()), arguments.Length);
    }

    internal sealed class Tasks<T, TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<T, Task<TResult>> function = method.CreateDelegate<Func<T, Task<TResult>>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument) => await function((T)argument!);

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) => await pool.RunAsync(function, (T)argument!);

        public override Task<object?[]> AllOnAsync(WorkerPool pool, object?[] arguments) =>
            Functions.CollectAsync(pool.MapAsync(function, arguments.Cast<T>()), arguments.Length);
    }

    internal sealed class ValueTasks<TDeclaring, T, TResult>(MethodInfo method) : Invocation
    {
        private readonly Func<T, ValueTask<TResult>> function = method.CreateDelegate<Func<T, ValueTask<TResult>>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument) => await function((T)argument!);

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument) => await pool.RunAsync(There(method.MetadataToken), (T)argument!);

        public override Task<object?[]> AllOnAsync(WorkerPool pool, object?[] arguments) =>
            Functions.CollectAsync(pool.MapAsync(There(method.MetadataToken), arguments.Cast<T>()), arguments.Length);

        private static Func<T, Task<TResult>> There(int token) => argument => MethodOf<TDeclaring, Func<T, ValueTask<TResult>>>.Found(token)(argument).AsTask();
    }

    public static async Task<object?[]> CollectAsync<T, TResult>(IAsyncEnumerable<MapResult<T, TResult>> map, int count)
    {
        object?[] results = new object?[count];
        await foreach (MapResult<T, TResult> item in map)
            results[item.Index] = item.IsSuccess ? item.Value : new CallFailure(item.Failure!);
        return results;
    }
}
