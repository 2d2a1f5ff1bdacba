using System.Reflection;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>Methods without a result.</summary>
internal static class Actions
{
    internal sealed class Plain(MethodInfo method) : Invocation
    {
        private readonly Action function = method.CreateDelegate<Action>();

        public override bool IsAsynchronous => false;

        public override ValueTask<object?> HereAsync(object? argument)
        {
            function();
            return default;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(function);
            return null;
        }
    }

    internal sealed class Tasks(MethodInfo method) : Invocation
    {
        private readonly Func<Task> function = method.CreateDelegate<Func<Task>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument)
        {
            await function();
            return null;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(function);
            return null;
        }
    }

    internal sealed class ValueTasks<TDeclaring>(MethodInfo method) : Invocation
    {
        private readonly Func<ValueTask> function = method.CreateDelegate<Func<ValueTask>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument)
        {
            await function();
            return null;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(static token => MethodOf<TDeclaring, Func<ValueTask>>.Found(token)().AsTask(), method.MetadataToken);
            return null;
        }
    }

    internal sealed class Plain<T>(MethodInfo method) : Invocation
    {
        private readonly Action<T> function = method.CreateDelegate<Action<T>>();

        public override bool IsAsynchronous => false;

        public override ValueTask<object?> HereAsync(object? argument)
        {
            function((T)argument!);
            return default;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(function, (T)argument!);
            return null;
        }
    }

    internal sealed class Tasks<T>(MethodInfo method) : Invocation
    {
        private readonly Func<T, Task> function = method.CreateDelegate<Func<T, Task>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument)
        {
            await function((T)argument!);
            return null;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(function, (T)argument!);
            return null;
        }
    }

    internal sealed class ValueTasks<TDeclaring, T>(MethodInfo method) : Invocation
    {
        private readonly Func<T, ValueTask> function = method.CreateDelegate<Func<T, ValueTask>>();

        public override bool IsAsynchronous => true;

        public override async ValueTask<object?> HereAsync(object? argument)
        {
            await function((T)argument!);
            return null;
        }

        public override async Task<object?> OnAsync(WorkerPool pool, object? argument)
        {
            await pool.RunAsync(static (token, argument) => MethodOf<TDeclaring, Func<T, ValueTask>>.Found(token)(argument).AsTask(), method.MetadataToken, (T)argument!);
            return null;
        }
    }
}
