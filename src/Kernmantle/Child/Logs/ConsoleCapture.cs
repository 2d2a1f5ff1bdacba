using Kernmantle.Logging;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Logs;

/// <summary>Both console writers of a worker.</summary>
internal sealed class ConsoleCapture(ForwardingLoggerFactory factory)
{
    public ForwardingTextWriter Out { get; } = new(factory, LogCategories.ConsoleOut, LogLevel.Information);

    public ForwardingTextWriter Error { get; } = new(factory, LogCategories.ConsoleError, LogLevel.Warning);

    /// <summary>Replaces this process's console writers. Lines that were begun are sent when the process exits in order.</summary>
    public void Install()
    {
        Console.SetOut(Out);
        Console.SetError(Error);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndLines();
    }

    public void EndLines()
    {
        Out.EndLine();
        Error.EndLine();
        factory.EndGap();
    }
}
