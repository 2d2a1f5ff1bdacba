using Kernmantle.Logging;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Logs;

/// <summary>Both console writers of a worker.</summary>
internal sealed class ConsoleCapture(ForwardingLoggerFactory factory)
{
    public ForwardingTextWriter Out { get; } = new(factory, LogCategories.ConsoleOut, LogLevel.Information);

    public ForwardingTextWriter Error { get; } = new(factory, LogCategories.ConsoleError, LogLevel.Warning);

    /// <summary>Replaces this process's console writers.</summary>
    public void Install()
    {
        Console.SetOut(Out);
        Console.SetError(Error);
    }

    /// <summary>Sends lines that were begun: at the end of each call, and when the process exits in order.</summary>
    public void EndLines()
    {
        Out.EndLine();
        Error.EndLine();
        factory.EndGap();
    }
}
