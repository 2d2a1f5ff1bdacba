using Kernmantle.Python;

namespace Kernmantle.Tool.Cli;

/// <summary>A Python interpreter that is not there, told to somebody who named it on a command line.</summary>
internal static class NamedInterpreter
{
    /// <summary>The library names its own option; here it is <c>--python</c>.</summary>
    public static ToolException Missing(PythonNotFoundException failure) =>
        new(failure.Message.Replace($"{nameof(PythonPoolOptions)}.{nameof(PythonPoolOptions.Interpreter)}", "--python", StringComparison.Ordinal), "", inner: failure);
}
