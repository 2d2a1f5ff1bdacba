using System.Reflection;
using System.Runtime.Loader;

namespace AssemblySurvey.Reading;

/// <summary>
/// Surveys a program by running it, as a reader that honours a plug-in would. A file cannot end its reader's process by
/// being read; the hostile item that does so is therefore executed, and only generated items ever are.
/// </summary>
internal static class ProgramRunner
{
    public static AssemblyFacts Run(string path)
    {
        MethodInfo main = new AssemblyLoadContext("hostile").LoadFromAssemblyPath(path).EntryPoint
            ?? throw new BadImageFormatException("The program has no entry point.");
        main.Invoke(null, null);
        return AssemblyFacts.Native;
    }
}
