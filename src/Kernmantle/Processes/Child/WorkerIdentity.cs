using Kernmantle.Processes.Transport;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Processes.Child;

/// <summary>Who this worker is, as its host said, and what it may send.</summary>
internal sealed class WorkerIdentity(Hello hello, ILogger logger)
{
    public string Name => hello.WorkerName;

    public int Id => hello.WorkerId;

    public long MaxPayload => hello.MaxPayload;

    public int StreamWindow => hello.StreamWindow;

    public ILogger Logger => logger;
}
