/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Mappings of a region.
 *
 * Pages are put into a mapping as they are touched, together with those that
 * came to the region with them.  The core of
 * the kernel keeps a reference to the file per mapping, so a port stays bound
 * until the last one is gone; it splits, moves and copies them by itself.
 *
 * A shared region gives pages back while others go on using it.  They have to
 * leave the mappings too, or a program would keep looking at a page that is
 * not the region's any more.  So all mappings are filed under one inode, each
 * region at a place of its own (nm_os_mem.base), where os_mem.c finds them;
 * its lock is held here while a page is put in.
 */
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/vmalloc.h>

#include "os/linux/compat.h"
#include "os/linux/dev.h"
#include "os/linux/os_map.h"

#define NM_FS_MAGIC	0x6e6d6673	/* "nmfs" */

static struct vfsmount *nm_fs_mount;
static struct inode *nm_fs_inode;

static int nm_fs_init_context(struct fs_context *fc)
{
	return init_pseudo(fc, NM_FS_MAGIC) ? 0 : -ENOMEM;
}

/* No owner: its one mount is ours, and would keep the module loaded. */
static struct file_system_type nm_fs_type = {
	.name		= "netmap",
	.init_fs_context = nm_fs_init_context,
	.kill_sb	= kill_anon_super,
};

int nm_map_init(void)
{
	nm_fs_mount = kern_mount(&nm_fs_type);
	if (IS_ERR(nm_fs_mount))
		return PTR_ERR(nm_fs_mount);
	nm_fs_inode = alloc_anon_inode(nm_fs_mount->mnt_sb);
	if (IS_ERR(nm_fs_inode)) {
		kern_unmount(nm_fs_mount);
		return PTR_ERR(nm_fs_inode);
	}
	nm_os_mem_mapping = nm_fs_inode->i_mapping;
	return 0;
}

void nm_map_exit(void)
{
	nm_os_mem_mapping = NULL;
	iput(nm_fs_inode);
	kern_unmount(nm_fs_mount);
}

void nm_map_open(struct file *file)
{
	file->f_mapping = nm_fs_inode->i_mapping;
}

static struct nm_os_mem *nm_map_mem(const struct file *file)
{
	const struct nm_kfile *kf = file->private_data;

	return &nm_dev_plane()->mem[kf->b.region];
}

static struct page *nm_map_page(const void *addr)
{
	return is_vmalloc_addr(addr) ? vmalloc_to_page(addr) :
		virt_to_page(addr);
}

/* Put the pages [@ofs, @ofs + @n * PAGE_SIZE) of a region in, where they fit. */
static void nm_map_around(struct vm_area_struct *vma, struct nm_os_mem *m,
			  uint64_t ofs, uint64_t n)
{
	uint64_t start = ((uint64_t)vma->vm_pgoff << PAGE_SHIFT) - m->base;
	void *page;

	for (; n > 0; n--, ofs += PAGE_SIZE) {
		if (ofs < start || ofs - start >= vma->vm_end - vma->vm_start)
			continue;
		page = nm_os_mem_present_at(m, ofs);
		/* who fails here will be asked for by a fault of its own */
		if (page && vm_insert_page(vma, vma->vm_start + ofs - start,
					   nm_map_page(page)) == -ENOMEM)
			break;
	}
}

static vm_fault_t nm_map_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct nm_os_mem *m = nm_map_mem(vma->vm_file);
	uint64_t ofs = ((uint64_t)vmf->pgoff << PAGE_SHIFT) - m->base;
	uint64_t first, n;
	int error = -EFAULT;
	void *page;

	mutex_lock(m->lock);
	page = nm_os_mem_back(m, ofs, &first, &n);
	if (page)
		error = vm_insert_page(vma, vmf->address & PAGE_MASK,
				       nm_map_page(page));
	if (!error)
		nm_map_around(vma, m, first, n);
	mutex_unlock(m->lock);
	switch (error) {
	case 0:
	case -EBUSY:		/* another thread was faster */
		return VM_FAULT_NOPAGE;
	case -ENOMEM:
		return VM_FAULT_OOM;
	default:		/* no object there, or no memory for it */
		return VM_FAULT_SIGBUS;
	}
}

static const struct vm_operations_struct nm_map_ops = {
	.fault = nm_map_fault,
};

/*
 * A private mapping would be a copy that nobody else sees from the first
 * write on: of no use, and refused rather than explained.
 */
int nm_dev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct nm_kfile *kf = file->private_data;
	uint64_t pages;

	if (!nm_kfile_is_bound(kf) || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	pages = kf->b.mem_size >> PAGE_SHIFT;
	if (vma->vm_pgoff > pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_pgoff += nm_map_mem(file)->base >> PAGE_SHIFT;
	vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &nm_map_ops;
	return 0;
}
