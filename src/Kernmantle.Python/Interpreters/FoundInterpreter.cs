using Kernmantle.Python.Agent;

namespace Kernmantle.Python.Interpreters;

/// <summary>What is started.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Agent">What its workers run, which its name has told.</param>
internal sealed record FoundInterpreter(string Path, AgentSource Agent)
{
    /// <summary>The interpreter of that file: Jython where the file's name begins so.</summary>
    public static FoundInterpreter At(string path) =>
        new(path, System.IO.Path.GetFileName(path).StartsWith("jython", StringComparison.OrdinalIgnoreCase) ? AgentSource.Jython : AgentSource.Python3);
}
