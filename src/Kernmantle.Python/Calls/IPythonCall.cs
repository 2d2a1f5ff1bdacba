using Kernmantle.Functions;
using Kernmantle.Python.Memory;

namespace Kernmantle.Python.Calls;

/// <summary>What the connection needs of a call.</summary>
internal interface IPythonCall
{
    CallMemory Memory { get; }
}

/// <summary>What all Python calls have in common.</summary>
internal static class PythonCalls
{
    /// <summary>They have no .NET function.</summary>
    public static FunctionShape Shape { get; } = new(ReturnKind.Task, IsVoid: false, HasToken: false);

    /// <summary>Of one that makes an object, which stays in the worker.</summary>
    public static FunctionShape Making { get; } = Shape with { ResultIsInstance = true };
}
