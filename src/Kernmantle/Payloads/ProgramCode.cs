using System.Diagnostics;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>
/// Whether what went wrong while a value was made was thrown by code of the program's (a constructor, a setter), or by what that called. Else the
/// bytes were wrong. Looked for in the stack of what was caught, since both come through the same serializer.
/// </summary>
internal static class ProgramCode
{
    private static readonly string[] Others = ["Kernmantle", "Kernmantle.Python", "PolyType", "Nerdbank.MessagePack"];

    public static bool Threw(InvalidPayloadException failure)
    {
        for (Exception? cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            if (Array.Exists(new StackTrace(cause).GetFrames(), IsOfProgram))
                return true;
        }
        return false;
    }

    /// <summary>A method without a type is one that the serializer made to call a member of the program's, which may have become part of it.</summary>
    private static bool IsOfProgram(StackFrame frame) => frame.GetMethod() is { } method
        && (method.DeclaringType is not { } type || (!PortableTypes.IsPlatform(type) && Array.IndexOf(Others, type.Assembly.GetName().Name) < 0));
}
