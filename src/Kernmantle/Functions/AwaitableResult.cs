using Kernmantle.Functions.Capturing;

namespace Kernmantle.Functions;

/// <summary>
/// Refuses functions whose value is itself to be awaited: those that return a <see cref="ValueTask"/>, which no member takes, and those that
/// return a <see cref="Task"/> where none is expected. In one place such a value could not cross, in another nobody would await it.
/// </summary>
internal static class AwaitableResult<TResult>
{
    private static readonly bool IsAwaitable = IsValueTask || typeof(Task).IsAssignableFrom(typeof(TResult));

    /// <summary>Null for a function that may be called.</summary>
    public static NotPortableException? Refusal => IsAwaitable ? Refuse() : null;

    private static bool IsValueTask => typeof(TResult) == typeof(ValueTask) || IsGeneric(typeof(ValueTask<>));

    /// <exception cref="NotPortableException">It is such a function.</exception>
    public static void ThrowIfRefused()
    {
        if (IsAwaitable)
            throw Refuse();
    }

    private static NotPortableException Refuse()
    {
        string task = typeof(TResult) is { IsGenericType: true } type ? $"Task<{GeneratedNames.Of(type.GetGenericArguments()[0])}>" : "Task";
        return new(
            $"The result ({GeneratedNames.Of(typeof(TResult))})",
            IsValueTask
                ? $"Have the function return a {task}: call .AsTask() on what it returns, or give the lambda that return type (async {task} () => …)."
                : $"Call the function with a member that awaits it, as RunAsync does, and name in type arguments, if any, what the {task} yields.");
    }

    private static bool IsGeneric(Type definition) => typeof(TResult).IsGenericType && typeof(TResult).GetGenericTypeDefinition() == definition;
}
