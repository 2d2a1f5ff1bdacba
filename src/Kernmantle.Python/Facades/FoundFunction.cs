namespace Kernmantle.Python.Facades;

/// <summary>A function as an interpreter describes it (<c>signatures.py</c>).</summary>
/// <param name="Missing">Why there is none; null if there is.</param>
/// <param name="Kind">What calling it gives, where that is certain.</param>
/// <param name="Parameters">Null where the interpreter does not know: for some that are written in C.</param>
/// <param name="Result">The names of the classes that its annotation allows; null where that cannot be said.</param>
internal sealed record FoundFunction(string? Missing, string Kind, FoundParameter[]? Parameters, string[]? Result)
{
    public const string Generator = "generator", AsyncGenerator = "async generator";

    /// <summary>Nothing is missing in what a worker wrote.</summary>
    public bool IsWhole => Kind is not null && Whole(Result) && (Parameters is null || Array.TrueForAll(Parameters, static p => p is { Name: not null } && Whole(p.Annotation)));

    private static bool Whole(string[]? classes) => classes is null || Array.TrueForAll(classes, static name => name is not null);
}

/// <summary>One parameter of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">As <c>inspect.Parameter.kind</c>.</param>
/// <param name="HasDefault">Whether it may be left out.</param>
/// <param name="Annotation">The names of the classes that its annotation allows; null where that cannot be said.</param>
internal sealed record FoundParameter(string Name, ParameterKind Kind, bool HasDefault, string[]? Annotation)
{
    public bool TakesPosition => Kind is ParameterKind.PositionalOnly or ParameterKind.PositionalOrKeyword;

    public bool TakesName => Kind is ParameterKind.PositionalOrKeyword or ParameterKind.KeywordOnly;
}

/// <summary>Python's own numbers.</summary>
internal enum ParameterKind
{
    PositionalOnly = 0,
    PositionalOrKeyword = 1,
    AllPositions = 2,
    KeywordOnly = 3,
    AllNames = 4,
}
