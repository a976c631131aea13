using System.Runtime.InteropServices;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>A file descriptor of the kernel. Calls hold it open for as long as they last, so that none ever meets a number that was given away anew.</summary>
internal sealed class Descriptor() : SafeHandle(-1, ownsHandle: true)
{
    /// <summary>The number; says how many are open, since the kernel gives away the lowest that is free (POSIX, <c>open</c>).</summary>
    public int Number => (int)handle; // The kernel's int: the upper half of what a call returns is not defined.

    public override bool IsInvalid => Number < 0;

    protected override bool ReleaseHandle() => Libc.Close(Number) == 0;
}
