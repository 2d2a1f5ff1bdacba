using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Tests.Lab.Interpreters;

/// <summary>The lab's Python code in a folder, where a test may change it.</summary>
internal sealed class LabModules : IDisposable
{
    private readonly Scratch scratch = new();

    public LabModules() => PythonModules.Write(scratch.Folder);

    public string Folder => scratch.Folder;

    public PythonSource Of(string interpreter) => new(interpreter, interpreter, Folder, null);

    public void Dispose() => scratch.Dispose();
}
