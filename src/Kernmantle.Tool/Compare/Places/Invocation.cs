using System.Reflection;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>The user's method as a delegate of its own type, so that calls of it are those a program would make.</summary>
internal abstract class Invocation
{
    /// <summary>Awaits something itself.</summary>
    public abstract bool IsAsynchronous { get; }

    /// <summary>Calls it here.</summary>
    /// <returns>Its result; null if it has none.</returns>
    public abstract ValueTask<object?> HereAsync(object? argument);

    /// <summary>Calls it in a pool.</summary>
    public abstract Task<object?> OnAsync(WorkerPool pool, object? argument);

    /// <summary>A call in the pool for each argument. A failed call is its exception.</summary>
    public virtual async Task<object?[]> AllOnAsync(WorkerPool pool, object?[] arguments)
    {
        Task<object?>[] calls = [.. arguments.Select(argument => OnAsync(pool, argument))];
        await ((Task)Task.WhenAll(calls)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return [.. calls.Select(static call => call.IsCompletedSuccessfully ? call.Result : new CallFailure(call.Exception?.InnerException ?? new OperationCanceledException()))];
    }

    public static Invocation Of(MethodInfo method)
    {
        Type result = method.ReturnType;
        Type[] parameter = [.. method.GetParameters().Select(static parameter => parameter.ParameterType)];
        bool isTask = result == typeof(Task) || IsGeneric(result, typeof(Task<>)), isValueTask = result == typeof(ValueTask) || IsGeneric(result, typeof(ValueTask<>));
        Type[] value = result == typeof(void) || result == typeof(Task) || result == typeof(ValueTask) ? [] : [isTask || isValueTask ? result.GetGenericArguments()[0] : result];
        Type kind = (parameter.Length, value.Length, isTask, isValueTask) switch
        {
            (0, 0, false, false) => typeof(Actions.Plain),
            (0, 0, true, _) => typeof(Actions.Tasks),
            (0, 0, _, true) => typeof(Actions.ValueTasks<>),
            (0, 1, false, false) => typeof(Functions.Plain<>),
            (0, 1, true, _) => typeof(Functions.Tasks<>),
            (0, 1, _, true) => typeof(Functions.ValueTasks<,>),
            (1, 0, false, false) => typeof(Actions.Plain<>),
            (1, 0, true, _) => typeof(Actions.Tasks<>),
            (1, 0, _, true) => typeof(Actions.ValueTasks<,>),
            (1, 1, false, false) => typeof(Functions.Plain<,>),
            (1, 1, true, _) => typeof(Functions.Tasks<,>),
            (1, 1, _, true) => typeof(Functions.ValueTasks<,,>),
            _ => throw new ArgumentException($"{method} has {parameter.Length} parameters.", nameof(method)),
        };
        Type[] types = [.. isValueTask ? [method.DeclaringType!] : Type.EmptyTypes, .. parameter, .. value];
        return (Invocation)Activator.CreateInstance(types.Length == 0 ? kind : kind.MakeGenericType(types), method)!;
    }

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}

/// <summary>Stands in the place of a result.</summary>
internal sealed record CallFailure(Exception Exception);
