using System.Diagnostics;
using Kernmantle.Child.Logs;
using Kernmantle.Logging.Events;
using Kernmantle.Telemetry;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Traces;

/// <summary>
/// In a worker process: sends each span of a trace that is recorded to the host as it ends, on the way of the log, so that it is there even if the worker dies right after. The host's listeners
/// decide about it. Nobody is asked before the first call with a trace has come. Thread-safe.
/// </summary>
internal sealed class SpanForwarder(ForwardingLoggerFactory loggers, ILogger logger) : IDisposable
{
    private ActivityListener? listener;
    private int failures;

    /// <summary>From now on.</summary>
    public void Listen()
    {
        if (listener is not null)
            return;
        listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.Length > 0,
            Sample = static (ref options) => (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = Send,
        };
        ActivitySource.AddActivityListener(listener);
    }

    public void Dispose() => listener?.Dispose();

    private void Send(Activity span)
    {
        if (!span.Recorded || span.ParentSpanId == default)
            return;   // somebody else has it made, of a trace that does not come from the host
        try
        {
            using var body = new PooledBuffer();
            var writer = new PayloadWriter(body);
            SpanRecord.Of(span).Write(ref writer);
            loggers.Send(FrameKind.Span, body.Written);
        }
        catch (Exception e)
        {
            // The program's code ends a span here, and is not to fail for it. Once: the next one fails the same way.
            if (Interlocked.Exchange(ref failures, 1) == 0)
                ChildEvents.SpanNotSent(logger, e, span.OperationName);
        }
    }
}
