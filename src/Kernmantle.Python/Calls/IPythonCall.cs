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
    public static Kernmantle.Functions.FunctionShape Shape { get; } = new(Kernmantle.Functions.ReturnKind.Task, IsVoid: false, HasToken: false);
}
