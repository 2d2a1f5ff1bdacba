namespace Kernmantle.Functions;

/// <summary>
/// The one-to-one relation between a delegate type of the <c>Func</c> and <c>Action</c> families and how the rest of the
/// library sees it: a tuple of arguments, a result and a shape.
/// </summary>
internal static class DelegateTypes
{
    private const int MaxArguments = 3;

    /// <summary>The type of delegate that takes <paramref name="tuple"/>'s items and fits <paramref name="shape"/>.</summary>
    public static Type Of(Type tuple, Type result, FunctionShape shape)
    {
        Type[] arguments = tuple.GetGenericArguments();
        Type[] parameters = shape.HasToken ? [.. arguments, typeof(CancellationToken)] : arguments;
        Type? returned = Returned(result, shape);
        if (returned is not null)
            return FunctionOf(parameters.Length).MakeGenericType([.. parameters, returned]);
        return parameters.Length == 0 ? typeof(Action) : ActionOf(parameters.Length).MakeGenericType(parameters);
    }

    /// <summary>The tuple of arguments and the result of a delegate type, seen as <paramref name="shape"/>.</summary>
    /// <exception cref="ArgumentException">The delegate is not of this shape.</exception>
    public static (Type Tuple, Type Result) Split(Type delegateType, FunctionShape shape)
    {
        Type[] types = delegateType.GetGenericArguments();
        bool returns = shape is not { Kind: ReturnKind.Value, IsVoid: true };
        int parameters = types.Length - (returns ? 1 : 0);
        int arguments = parameters - (shape.HasToken ? 1 : 0);
        Type generic = delegateType.IsGenericType ? delegateType.GetGenericTypeDefinition() : delegateType;
        if (parameters < 0 || arguments is < 0 or > MaxArguments || generic != (returns ? FunctionOf(parameters) : ActionOf(parameters)))
            throw new ArgumentException($"{delegateType} is not a delegate of the shape {shape}.");
        Type tuple = arguments == 0 ? typeof(ValueTuple) : TupleOf(arguments).MakeGenericType(types[..arguments]);
        Type result = shape.IsVoid ? typeof(Unit)
            : shape.Kind == ReturnKind.Value ? types[^1]
            : types[^1].GetGenericArguments() is [Type only] ? only
            : throw new ArgumentException($"{delegateType} returns nothing, the shape {shape} does.");
        if (Of(tuple, result, shape) != delegateType)
            throw new ArgumentException($"{delegateType} is not a delegate of the shape {shape}.");
        return (tuple, result);
    }

    /// <summary>What the delegate itself returns; null for void.</summary>
    private static Type? Returned(Type result, FunctionShape shape) => (shape.Kind, shape.IsVoid) switch
    {
        (ReturnKind.Value, true) => null,
        (ReturnKind.Value, false) => result,
        (ReturnKind.Task, true) => typeof(Task),
        (ReturnKind.Task, false) => typeof(Task<>).MakeGenericType(result),
        (ReturnKind.Stream, false) => typeof(IAsyncEnumerable<>).MakeGenericType(result),
        _ => throw new ArgumentException($"There is no function of the shape {shape}."),
    };

    // No tables: a worker would load all these types at its start, to use a few.
    private static Type FunctionOf(int parameters) => parameters switch
    {
        0 => typeof(Func<>),
        1 => typeof(Func<,>),
        2 => typeof(Func<,,>),
        3 => typeof(Func<,,,>),
        _ => typeof(Func<,,,,>),
    };

    private static Type ActionOf(int parameters) => parameters switch
    {
        0 => typeof(Action),
        1 => typeof(Action<>),
        2 => typeof(Action<,>),
        3 => typeof(Action<,,>),
        _ => typeof(Action<,,,>),
    };

    private static Type TupleOf(int arguments) => arguments switch
    {
        1 => typeof(ValueTuple<>),
        2 => typeof(ValueTuple<,>),
        _ => typeof(ValueTuple<,,>),
    };
}
