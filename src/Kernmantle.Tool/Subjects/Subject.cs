using System.Reflection;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>What to call, in a form that crosses to any process.</summary>
/// <param name="Assembly">Absolute path.</param>
/// <param name="Method"><c>Type.Method</c>.</param>
/// <param name="Inputs">One call each, as text; empty: the method takes nothing and is called <paramref name="Calls"/> times.</param>
/// <param name="Kind">How inputs are read.</param>
/// <param name="Calls">How often a method without a parameter is called in one round.</param>
internal sealed record SubjectSpec(string Assembly, string Method, string[] Inputs, InputKind Kind, int Calls);

/// <summary>What the user's function was asked to work on.</summary>
internal enum InputKind
{
    None,

    /// <summary>Lines of a file.</summary>
    Lines,

    /// <summary>Names of files.</summary>
    Files,

    /// <summary>JSON, one value a line.</summary>
    Json,
}

/// <summary>The user's function with its types known: it is called as a program that knows it would call it.</summary>
internal abstract class Subject
{
    /// <summary>It waits rather than computes: worth an event loop.</summary>
    public abstract bool IsAsynchronous { get; }

    /// <summary>One after the other, on the calling thread. Yields each result or failure.</summary>
    public abstract Task<RoundOutcome> RunAsync(CancellationToken cancellationToken);

    /// <summary>In a pool, as many at once as it has workers.</summary>
    public abstract Task<RoundOutcome> RunAsync(WorkerPool pool, CancellationToken cancellationToken);

    /// <exception cref="ToolException">The method is not there, or the inputs do not fit it.</exception>
    public static Subject Open(SubjectSpec spec)
    {
        MethodInfo method = MethodFinder.Find(spec.Assembly, spec.Method, spec.Kind == InputKind.None ? 0 : 1, type => Fit(type, spec.Kind));
        if (MethodFinder.Values(method).Length != method.GetParameters().Length)
            throw new ToolException($"{spec.Method} takes a CancellationToken.", "Write a method around it that takes none.");
        Type input = method.GetParameters() is [var parameter] ? parameter.ParameterType : typeof(Nothing);
        if (input.IsByRefLike || input.IsByRef || input.IsPointer)
            throw new ToolException($"{spec.Method} takes a {input.Name}, which cannot be made from text.", "Take a string, a FileInfo, a number, or what JSON can hold.");
        (Type result, SubjectShape shape) = ShapeOf(method.ReturnType);
        if (result.IsByRefLike || result.IsByRef || result.IsPointer)
            throw new ToolException($"{spec.Method} returns a {result.Name}, which no other thread may hold.", "Return a value.");
        return (Subject)Activator.CreateInstance(typeof(Subject<,>).MakeGenericType(input, result), method, shape, spec)!;
    }

    /// <summary>Text is for what takes text; JSON for what it describes.</summary>
    private static int Fit(Type parameter, InputKind kind) =>
        kind == InputKind.Json ? (parameter == typeof(string) || parameter == typeof(FileInfo) ? 1 : 2)
        : parameter == typeof(FileInfo) ? (kind == InputKind.Files ? 3 : 2)
        : parameter == typeof(string) ? 3
        : parameter.IsAssignableTo(typeof(IConvertible)) ? 1
        : 0;

    private static (Type Result, SubjectShape Shape) ShapeOf(Type returned) =>
        returned == typeof(void) ? (typeof(Nothing), SubjectShape.Plain)
        : returned == typeof(Task) ? (typeof(Nothing), SubjectShape.Task)
        : returned == typeof(ValueTask) ? (typeof(Nothing), SubjectShape.ValueTask)
        : returned is { IsGenericType: true } && returned.GetGenericTypeDefinition() == typeof(Task<>) ? (returned.GenericTypeArguments[0], SubjectShape.Task)
        : returned is { IsGenericType: true } && returned.GetGenericTypeDefinition() == typeof(ValueTask<>) ? (returned.GenericTypeArguments[0], SubjectShape.ValueTask)
        : (returned, SubjectShape.Plain);
}

internal enum SubjectShape
{
    Plain,
    Task,
    ValueTask,
}

/// <summary>No parameter, or no result.</summary>
internal readonly record struct Nothing;

/// <summary>What one round came to.</summary>
/// <param name="Results">A short name for all results, in the order of the inputs.</param>
/// <param name="Failures">How many calls failed.</param>
/// <param name="FirstFailure">How the first of them did.</param>
internal sealed record RoundOutcome(string Results, int Failures, string? FirstFailure);
